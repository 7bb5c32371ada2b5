package adsync

import (
	"context"
	"errors"
	"fmt"
)

// parts holds a job's connectors with their optional abilities, looked up once.
// An ability that a part lacks is nil.
type parts struct {
	sink      Sink
	batch     BatchSink
	describer Describer
	finder    Finder
	lister    Lister
	members   MemberLister
	runs      RunSink
	settler   Settler
	scoper    Scoper
	all       []part
}

// part is one connector, with the name under which errors speak of it.
type part struct {
	name   string
	source string // its name in the job, for a source
	it     any
}

// fault says on which side an error is.
func (p part) fault(err error) error {
	switch {
	case p.source != "":
		return &SourceError{p.source, err}
	case p.name == "sink":
		return &TargetError{err}
	}
	return fmt.Errorf("adsync: %s: %w", p.name, err)
}

func lookUpParts(job *Job) *parts {
	p := &parts{sink: job.Sink}
	p.batch, _ = job.Sink.(BatchSink)
	p.describer, _ = job.Sink.(Describer)
	p.finder, _ = job.Sink.(Finder)
	p.lister, _ = job.Sink.(Lister)
	p.members, _ = job.Sink.(MemberLister)
	p.runs, _ = job.Sink.(RunSink)
	p.settler, _ = job.Sink.(Settler)
	p.scoper, _ = job.Sink.(Scoper)
	for _, s := range job.Sources {
		p.all = append(p.all, part{"source " + s.Name, s.Name, s.Source})
	}
	p.all = append(p.all, part{name: "sink", it: job.Sink}, part{name: "mapper", it: job.Mapper}, part{name: "matcher", it: job.Matcher})
	return p
}

// validate asks every part for its own faults.
func (p *parts) validate() (faults []error) {
	for _, part := range p.all {
		if v, ok := part.it.(Validator); ok {
			for _, err := range eachError(v.Validate()) {
				faults = append(faults, fmt.Errorf("%s: %w", part.name, err))
			}
		}
	}
	return faults
}

// eachError takes joined errors apart.
func eachError(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// open opens all parts, or none.
func (p *parts) open(ctx context.Context) error {
	for i, part := range p.all {
		o, ok := part.it.(Opener)
		if !ok {
			continue
		}
		if err := o.Open(ctx); err != nil {
			closeParts(p.all[:i])
			return part.fault(fmt.Errorf("cannot be opened: %w", err))
		}
	}
	return nil
}

func closeParts(all []part) error {
	var errs []error
	for _, part := range all {
		if o, ok := part.it.(Opener); ok {
			if err := o.Close(); err != nil {
				errs = append(errs, fmt.Errorf("adsync: %s: %w", part.name, err))
			}
		}
	}
	return errors.Join(errs...)
}

// check asks every part whether it could work now.
func (p *parts) check(ctx context.Context) error {
	var errs []error
	for _, part := range p.all {
		if c, ok := part.it.(Checker); ok {
			if err := c.Check(ctx); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", part.name, err))
			}
		}
	}
	return errors.Join(errs...)
}
