// Package report turns what a benchmark measured into what people read: a table,
// a verdict on each target, a plot, and a marked part of a page. It measures
// nothing itself.
package report

import (
	"cmp"
	"slices"
	"time"
)

// Cost is what one process cost.
type Cost struct {
	Wall, CPU time.Duration // CPU: user and system
	Peak      int64         // resident memory, bytes
}

// By says whose work a row is.
type By string

// The rows of others are limits and yardsticks; only our own have targets.
const (
	Ours   By = "ours"
	InC    By = "C"
	Others By = "others"
)

// Row says what one line of the table is.
type Row struct {
	Name, What string
	By         By
	Objects    int // objects that it deals with; 0: as many as there are persons
}

// Results are all costs of one benchmark: Runs holds one list for each run, a
// cost for each row.
type Results struct {
	Persons, Changes int
	Machine          []string // one fact each
	Rows             []Row
	Runs             [][]Cost
}

// Median gives the middle of each figure of a row by itself.
func (r *Results) Median(row int) Cost {
	return Cost{
		Wall: middleOf(r.Runs, func(run []Cost) time.Duration { return run[row].Wall }),
		CPU:  middleOf(r.Runs, func(run []Cost) time.Duration { return run[row].CPU }),
		Peak: middleOf(r.Runs, func(run []Cost) int64 { return run[row].Peak }),
	}
}

func middleOf[T cmp.Ordered](runs [][]Cost, of func([]Cost) T) T {
	values := make([]T, len(runs))
	for i, run := range runs {
		values[i] = of(run)
	}
	return middle(values)
}

func middle[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

func (r *Results) row(name string) int {
	return slices.IndexFunc(r.Rows, func(row Row) bool { return row.Name == name })
}

func (r *Results) objects(row int) int {
	if n := r.Rows[row].Objects; n > 0 {
		return n
	}
	return r.Persons
}

// perSecond is how many objects a row dealt with in a second, by its median.
func (r *Results) perSecond(row int) float64 {
	return float64(r.objects(row)) / r.Median(row).Wall.Seconds()
}
