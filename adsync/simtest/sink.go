package simtest

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"github.com/adsync/sdk/adsync"
)

// tap stands between the engine and a sink: it writes down what passes, and is
// where a sink's faults happen, so that they happen to a vendor's sink too.
type tap struct {
	sink    adsync.Sink
	process *process
	faults  []fault
	token   string // a secret, as connectors hold one

	mu    sync.Mutex
	ops   int // offered so far
	under int // calls under way
	down  bool
}

// sinkFaults are the things that can go wrong at a sink, at the n-th op that a
// run offers.
var sinkFaults = []string{
	"limited", // too many requests, come back in 90 seconds
	"before",  // the connection breaks before the request arrives
	"lose",    // it takes effect and the answer is lost
	"slow",    // it takes effect and answers after ten minutes
	"later",   // the connection breaks, and the effect comes three seconds later
	"lie",     // it answers that all is well and does nothing
	"wrongid", // it answers with an id that another object has
	"refuse",  // it refuses the values
	"deny",    // it says that the account may not
	"panic",   // it takes effect and then panics
	"down",    // from then on nothing answers
	"large",   // the batch is too large, from that many ops on
	"unauth",  // the credentials are refused
	"short",   // a batch is answered with a result too few
}

// fault gives what goes wrong with one of the next n ops, and counts them.
func (t *tap) fault(n int) (what string, index int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := t.ops
	t.ops += n
	for _, f := range t.faults {
		if f.what == "down" && f.at <= t.ops {
			t.down = true
		}
		if f.what == "large" && n > 1 && n >= f.at {
			return "large", 0
		}
		if f.at > first && f.at <= t.ops {
			return f.what, f.at - first - 1
		}
	}
	if t.down {
		return "down", 0
	}
	return "", 0
}

// transit lets the time of a call pass, different for each so that calls under
// way together always end in the same order.
func transit(ctx context.Context, key string) error {
	h := fnv.New32a()
	h.Write([]byte(key))
	select {
	case <-time.After(10*time.Millisecond + time.Duration(h.Sum32()%5000)*time.Microsecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *tap) Apply(ctx context.Context, op adsync.Op) (adsync.Receipt, error) {
	results, err := t.through(ctx, []adsync.Op{op}, false, func(ctx context.Context, ops []adsync.Op) ([]adsync.Result, error) {
		receipt, err := t.sink.Apply(ctx, ops[0])
		return []adsync.Result{{Receipt: receipt, Err: err}}, nil
	})
	if err != nil || len(results) == 0 {
		return adsync.Receipt{}, err
	}
	return results[0].Receipt, results[0].Err
}

type sending func(context.Context, []adsync.Op) ([]adsync.Result, error)

// through passes ops on and gives the answer, or what becomes of it.
func (t *tap) through(ctx context.Context, ops []adsync.Op, batch bool, send sending) ([]adsync.Result, error) {
	p := t.process
	onward := send
	send = func(ctx context.Context, ops []adsync.Op) ([]adsync.Result, error) {
		p.world.System.expect(ops)
		return onward(ctx, ops)
	}
	var results []adsync.Result
	var answer error
	err := p.call(func() error {
		told := copyOps(ops)
		p.world.tell(Sent{p.number, told, batch})
		p.world.late.sent(told)
		t.enter(1)
		defer t.enter(-1)
		if answer = transit(ctx, ops[0].Key); answer == nil {
			results, answer = t.suffer(ctx, ops, send)
		}
		p.world.tell(Answered{p.number, told, results, answer})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return results, answer
}

// copyOps keeps what was sent, whatever the sink does with it.
func copyOps(ops []adsync.Op) []adsync.Op {
	out := slices.Clone(ops)
	for i := range out {
		out[i].Set = out[i].Set.Clone()
	}
	return out
}

func (t *tap) enter(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.under += n
	t.process.world.tell(Asked{t.process.number, "the sink for batches at once", t.under, int(t.process.world.inFlight.Load())})
}

// suffer sends ops as the faults of the script let it.
func (t *tap) suffer(ctx context.Context, ops []adsync.Op, send sending) ([]adsync.Result, error) {
	what, at := t.fault(len(ops))
	broken := adsync.Errorf(adsync.CodeUnavailable, "the connection broke")
	switch what {
	case "":
		results, err := send(ctx, ops)
		t.believe(results)
		return results, err
	case "limited":
		return nil, &adsync.Error{Code: adsync.CodeLimited, RetryAfter: 90 * time.Second, Err: errors.New("too many requests")}
	case "before", "down":
		return nil, broken
	case "large":
		return nil, adsync.Errorf(adsync.CodeTooLarge, "at most %d at once", len(ops)-1)
	case "unauth":
		return nil, adsync.Errorf(adsync.CodeUnauthenticated, "who are you?")
	case "later":
		t.process.world.later(ctx, ops, send)
		return nil, broken
	case "slow":
		time.Sleep(10 * time.Minute)
	case "refuse", "deny", "lie":
		return t.spare(ctx, ops, at, what, send)
	}
	results, err := send(ctx, ops)
	t.believe(results)
	switch {
	case err != nil:
	case what == "lose":
		return nil, broken
	case what == "panic":
		panic("simtest: the sink's own fault")
	case what == "short" && len(results) > 1:
		return results[:len(results)-1], nil
	case what == "wrongid":
		t.mixUp(results, ops, at)
	}
	return results, err
}

// believe takes what a sink without a Settler accepted for done, as the engine
// would if the tap did not have one.
func (t *tap) believe(results []adsync.Result) {
	if _, ok := t.sink.(adsync.Settler); ok {
		return
	}
	for i := range results {
		if results[i].Receipt.Outcome == adsync.Pending {
			results[i].Receipt.Outcome = adsync.Applied
		}
	}
}

// spare sends all ops but one, to which it gives an answer of its own.
func (t *tap) spare(ctx context.Context, ops []adsync.Op, at int, what string, send sending) ([]adsync.Result, error) {
	var own adsync.Result
	switch what {
	case "refuse":
		t.process.world.late.refuse(&ops[at])
		own.Err = adsync.Errorf(adsync.CodeInvalid, "these values are refused")
	case "deny":
		t.process.world.late.refuse(&ops[at])
		own.Err = adsync.Errorf(adsync.CodeDenied, "the account may not")
	case "lie":
		t.process.world.taint(ops[at].Anchor)
		own.Receipt = adsync.Receipt{Target: ops[at].Target, Outcome: adsync.Updated}
		if ops[at].Target == "" {
			own.Receipt = adsync.Receipt{Target: adsync.TargetID("nowhere-" + ops[at].Key[:6]), Outcome: adsync.Created}
		}
	}
	rest := slices.Concat(ops[:at:at], ops[at+1:])
	var results []adsync.Result
	if len(rest) > 0 {
		var err error
		if results, err = send(ctx, rest); err != nil {
			return nil, err
		}
	}
	return slices.Insert(results, at, own), nil
}

// mixUp answers a create with the id of another object.
func (t *tap) mixUp(results []adsync.Result, ops []adsync.Op, at int) {
	if ops[at].Verb != adsync.Put || ops[at].Target != "" || results[at].Err != nil {
		return
	}
	for _, other := range t.process.world.System.List(ops[at].Kind) {
		if whose := t.process.world.System.anchorOf(other.ID); whose != "" && other.ID != results[at].Receipt.Target {
			t.process.world.taint(ops[at].Anchor)
			t.process.world.taint(whose)
			results[at].Receipt.Target = other.ID
			return
		}
	}
}
