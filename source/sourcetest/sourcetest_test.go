package sourcetest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adsync/sdk/adsync"
	"github.com/adsync/sdk/source"
	"github.com/adsync/sdk/source/sourcetest"
	"github.com/stretchr/testify/require"
)

func company() *source.StaticSource {
	s := &source.StaticSource{PageSize: 4, Members: map[adsync.Anchor][]adsync.Anchor{}}
	var all []adsync.Anchor
	for i := range 10 {
		o := adsync.Object{Kind: adsync.User, Anchor: adsync.Anchor(fmt.Sprintf("0000000a-0000-4000-8000-%012d", i)), Container: "OU=People,DC=example"}
		o.Attrs.Set("cn", fmt.Sprint("User ", i))
		o.Attrs.Set("mail", fmt.Sprintf("user%d@example.com", i))
		if i > 0 {
			o.Refs = map[string][]adsync.Anchor{"manager": {all[0]}}
		}
		s.Objects, all = append(s.Objects, o), append(all, o.Anchor)
	}
	group := adsync.Object{Kind: adsync.Group, Anchor: "group", Container: "DC=example"}
	group.Attrs.Set("cn", "Everyone")
	s.Objects = append(s.Objects, group)
	s.Members["group"] = all
	return s
}

type sequence = iter.Seq2[adsync.Batch, error]

// bad is a good source with one fault.
type bad struct {
	good        *source.StaticSource
	ask         func(*adsync.ReadRequest)
	batch       func(n int, r adsync.ReadRequest, b *adsync.Batch)
	change      func(n int, r adsync.ReadRequest, c *adsync.Change)
	read        func(ctx context.Context, r adsync.ReadRequest, good sequence) sequence
	sights      func([]adsync.Sighting) []adsync.Sighting
	mu          sync.Mutex
	reads       int
	asked, held atomic.Int32
}

func (b *bad) Read(ctx context.Context, r adsync.ReadRequest) sequence {
	b.mu.Lock()
	b.reads++
	reads := b.reads
	b.mu.Unlock()
	if b.ask != nil {
		b.ask(&r)
	}
	good := b.good.Read(ctx, r)
	bent := func(yield func(adsync.Batch, error) bool) {
		n := 0
		for batch, err := range good {
			if b.batch != nil && err == nil {
				b.batch(n, r, &batch)
			}
			for i := range batch.Changes {
				if b.change != nil {
					b.change(reads, r, &batch.Changes[i])
				}
			}
			n++
			if !yield(batch, err) {
				return
			}
		}
	}
	if b.read != nil {
		return b.read(ctx, r, bent)
	}
	return bent
}

func (b *bad) ExplainScope(ctx context.Context, r adsync.ReadRequest, value string) ([]adsync.Sighting, error) {
	found, err := b.good.ExplainScope(ctx, r, value)
	if b.sights != nil {
		found = b.sights(found)
	}
	return found, err
}

// ends gives a sequence with another end: last is called with what would come
// last, and nothing of it is given.
func ends(good sequence, last func(adsync.Batch, error, func(adsync.Batch, error) bool)) sequence {
	return func(yield func(adsync.Batch, error) bool) {
		for b, err := range good {
			if err != nil || b.Done {
				last(b, err, yield)
				return
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// faults names each fault and the checks that have to notice it, and no others.
var faults = []struct {
	name   string
	bend   func(*bad)
	checks []string
}{
	{"none", func(*bad) {}, nil},
	{"says nothing", func(b *bad) { b.good = source.Static() }, []string{"read/has something to check", "snapshot/every object"}},
	{"never done", func(b *bad) {
		b.batch = func(_ int, r adsync.ReadRequest, batch *adsync.Batch) {
			if len(r.Kinds) == 0 && len(r.Only) == 0 {
				batch.Done, batch.Witness = false, nil
			}
		}
	}, []string{"read/done once and last"}},
	{"done twice", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return ends(good, func(last adsync.Batch, err error, yield func(adsync.Batch, error) bool) {
				if yield(last, err) && err == nil {
					yield(adsync.Batch{Snapshot: last.Snapshot, Done: true}, nil)
				}
			})
		}
	}, []string{"read/done once and last"}},
	{"cursor on every batch", func(b *bad) {
		b.batch = func(n int, r adsync.ReadRequest, batch *adsync.Batch) {
			if n == 0 && len(r.Only) == 0 {
				batch.Next = "1"
			}
		}
	}, []string{"read/next and witness on the last batch only"}},
	{"snapshot on the last batch only", func(b *bad) {
		b.batch = func(n int, _ adsync.ReadRequest, batch *adsync.Batch) {
			batch.Snapshot = batch.Snapshot && batch.Done
		}
	}, []string{"read/batches agree on snapshot"}},
	{"asks at once", func(b *bad) {
		b.ask = func(*adsync.ReadRequest) { b.asked.Add(1) }
	}, []string{"read/nothing is asked before the loop"}},
	{"reuses the values", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return func(yield func(adsync.Batch, error) bool) {
				shared := map[string][]adsync.Anchor{"manager": {"x"}}
				for batch, err := range good {
					for i := range batch.Changes {
						if refs := batch.Changes[i].Object.Refs; refs != nil {
							shared["manager"][0] = batch.Changes[i].Object.Anchor
							batch.Changes[i].Object.Refs = shared
						}
					}
					if !yield(batch, err) {
						return
					}
				}
			}
		}
	}, []string{"read/values stay when the next batch is asked for"}},
	{"goes on after the consumer stopped", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return func(yield func(adsync.Batch, error) bool) {
				for batch, err := range good {
					if !yield(batch, err) {
						yield(batch, err)
						return
					}
				}
			}
		}
	}, []string{"stop/nothing comes after the consumer stopped"}},
	{"asks after the consumer stopped", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return func(yield func(adsync.Batch, error) bool) {
				for batch, err := range good {
					if !yield(batch, err) {
						b.asked.Add(2)
						return
					}
				}
			}
		}
	}, []string{"stop/nothing is asked after the consumer stopped"}},
	{"asks after the read has ended", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return func(yield func(adsync.Batch, error) bool) {
				for batch, err := range good {
					if !yield(batch, err) {
						time.AfterFunc(10*time.Millisecond, func() { b.asked.Add(2) })
						return
					}
				}
			}
		}
	}, []string{"stop/nothing is asked after the consumer stopped"}},
	{"keeps its connection after an early stop", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return func(yield func(adsync.Batch, error) bool) {
				b.held.Add(1)
				for batch, err := range good {
					if !yield(batch, err) {
						return
					}
				}
				b.held.Add(-1)
			}
		}
	}, []string{"stop/released"}},
	{"goes on where it was left", func(b *bad) {
		left := 0
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return func(yield func(adsync.Batch, error) bool) {
				n := 0
				for batch, err := range good {
					if n++; n <= left && err == nil && !batch.Done {
						continue
					}
					if !yield(batch, err) {
						left = n
						return
					}
				}
			}
		}
	}, []string{"stop/a new read begins anew"}},
	{"cancelled read looks complete", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return ends(good, func(last adsync.Batch, err error, yield func(adsync.Batch, error) bool) {
				if err != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
					last, err = adsync.Batch{Snapshot: true, Done: true}, nil
				}
				yield(last, err)
			})
		}
	}, []string{"cancel/before the first batch", "cancel/between Read and the loop", "cancel/at the first batch", "cancel/at the second batch", "cancel/an expired deadline"}},
	{"cancelled read ends silently", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return ends(good, func(last adsync.Batch, err error, yield func(adsync.Batch, error) bool) {
				if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
					yield(last, err)
				}
			})
		}
	}, []string{"cancel/before the first batch", "cancel/between Read and the loop", "cancel/at the first batch", "cancel/at the second batch", "cancel/an expired deadline"}},
	{"looks at the context when Read is called", func(b *bad) {
		b.read = func(ctx context.Context, r adsync.ReadRequest, good sequence) sequence {
			if ctx.Err() != nil {
				return good
			}
			return func(yield func(adsync.Batch, error) bool) {
				first := true
				for batch, err := range b.good.Read(context.WithoutCancel(ctx), r) {
					if !first && ctx.Err() != nil {
						yield(adsync.Batch{}, ctx.Err())
						return
					}
					first = false
					if !yield(batch, err) {
						return
					}
				}
			}
		}
	}, nil}, // gives one batch and then the error: nothing was said to be complete
	{"reports every cancellation as cancelled", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return ends(good, func(last adsync.Batch, err error, yield func(adsync.Batch, error) bool) {
				if errors.Is(err, context.DeadlineExceeded) {
					err = context.Canceled
				}
				yield(last, err)
			})
		}
	}, []string{"cancel/an expired deadline"}},
	{"goes on after an error", func(b *bad) {
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return ends(good, func(last adsync.Batch, err error, yield func(adsync.Batch, error) bool) {
				if yield(last, err) && errors.Is(err, context.Canceled) {
					yield(last, err)
				}
			})
		}
	}, []string{"cancel/an error is the last thing"}},
	{"an object twice", func(b *bad) { b.good.Objects = append(b.good.Objects, b.good.Objects[3]) }, []string{"snapshot/each anchor once"}},
	{"leaves one out", func(b *bad) { b.good.Objects = b.good.Objects[1:] }, []string{"snapshot/every object"}},
	{"another anchor each time", func(b *bad) {
		b.change = func(n int, r adsync.ReadRequest, c *adsync.Change) {
			if string(c.Object.Anchor) == "0000000a-0000-4000-8000-000000000003" && len(r.Only) == 0 {
				c.Object.Anchor = adsync.Anchor(fmt.Sprint("session-", n))
			}
		}
	}, []string{"snapshot/the same twice", "snapshot/every object", "read/two at once", "stop/a new read begins anew", "request/kinds", "request/attribute names fold case", "explain/who is read is in scope"}},
	{"anchor in capitals", func(b *bad) {
		b.change = func(_ int, _ adsync.ReadRequest, c *adsync.Change) {
			c.Object.Anchor = adsync.Anchor(strings.ToUpper(string(c.Object.Anchor)))
		}
	}, []string{"snapshot/objects are well-formed", "snapshot/every object", "only/honoured or unsupported", "explain/who is read is in scope"}},
	{"an empty reference", func(b *bad) {
		b.good.Objects[5].Refs = map[string][]adsync.Anchor{"manager": {""}}
	}, []string{"snapshot/objects are well-formed"}},
	{"no anchor", func(b *bad) { b.good.Objects[5].Anchor = "" }, []string{"snapshot/objects are well-formed", "snapshot/every object"}},
	{"deleted in a snapshot", func(b *bad) {
		b.change = func(_ int, r adsync.ReadRequest, c *adsync.Change) {
			if strings.HasSuffix(string(c.Object.Anchor), "3") {
				c.Presence = adsync.Deleted
			}
		}
	}, []string{"snapshot/nothing is deleted in it", "witness/counts the objects given"}},
	{"people with members", func(b *bad) {
		b.change = func(_ int, _ adsync.ReadRequest, c *adsync.Change) {
			if c.Object.Kind == adsync.User {
				c.Members = &adsync.MemberChange{Reset: true}
			}
		}
	}, []string{"members/only groups have them"}},
	{"members without Reset", func(b *bad) {
		b.change = func(_ int, _ adsync.ReadRequest, c *adsync.Change) {
			if c.Members != nil {
				c.Members.Reset = false
			}
		}
	}, []string{"members/a list begins with Reset and is closed"}},
	{"members that never end", func(b *bad) {
		b.change = func(_ int, _ adsync.ReadRequest, c *adsync.Change) {
			if c.Members != nil {
				c.Members.More = true
			}
		}
	}, []string{"members/a list begins with Reset and is closed"}},
	{"Reset on every change", func(b *bad) {
		b.change = func(_ int, _ adsync.ReadRequest, c *adsync.Change) {
			if c.Members != nil {
				c.Members.Reset = true
			}
		}
	}, []string{"members/a list begins with Reset and is closed"}},
	{"members removed in a snapshot", func(b *bad) {
		b.change = func(_ int, _ adsync.ReadRequest, c *adsync.Change) {
			if c.Members != nil {
				c.Members.Remove = []adsync.Anchor{"x"}
			}
		}
	}, []string{"members/a snapshot removes nobody"}},
	{"a member twice", func(b *bad) {
		b.good.Members["group"] = append(b.good.Members["group"], b.good.Members["group"][0])
	}, []string{"members/each once and named"}},
	{"attributes with further members", func(b *bad) {
		b.change = func(_ int, r adsync.ReadRequest, c *adsync.Change) {
			if c.MembersOnly {
				c.Object.Attrs.Set("cn", "Everyone")
			}
		}
	}, []string{"members/further changes carry nothing else"}},
	{"kinds ignored", func(b *bad) { b.ask = func(r *adsync.ReadRequest) { r.Kinds = nil } }, []string{"request/kinds"}},
	{"more attributes than asked for", func(b *bad) {
		b.ask = func(r *adsync.ReadRequest) { r.Attributes = []string{"cn", "displayName", "mail", "manager"} }
	}, []string{"request/only the attributes asked for"}},
	{"attribute names by case", func(b *bad) {
		b.ask = func(r *adsync.ReadRequest) {
			r.Attributes = slices.DeleteFunc(slices.Clone(r.Attributes), func(n string) bool { return n == strings.ToUpper(n) })
		}
	}, []string{"request/attribute names fold case"}},
	{"request changed", func(b *bad) {
		b.ask = func(r *adsync.ReadRequest) { slices.Sort(r.Kinds) }
	}, []string{"request/stays as it was"}},
	{"unknown cursor means nothing changed", func(b *bad) {
		b.read = func(_ context.Context, r adsync.ReadRequest, good sequence) sequence {
			if r.Since == "" {
				return good
			}
			return func(yield func(adsync.Batch, error) bool) { yield(adsync.Batch{Done: true, Next: r.Since}, nil) }
		}
	}, []string{"cursor/an unknown one is not an empty answer"}},
	{"unknown cursor is any error", func(b *bad) {
		b.read = func(_ context.Context, r adsync.ReadRequest, good sequence) sequence {
			if r.Since == "" {
				return good
			}
			return func(yield func(adsync.Batch, error) bool) { yield(adsync.Batch{}, errors.New("what?")) }
		}
	}, []string{"cursor/an unknown one is not an empty answer"}},
	{"cursor used up by reading", func(b *bad) {
		reads := 0
		b.batch = func(_ int, r adsync.ReadRequest, batch *adsync.Batch) {
			if batch.Done && len(r.Only) == 0 {
				batch.Next = "1"
			}
		}
		b.read = func(_ context.Context, r adsync.ReadRequest, good sequence) sequence {
			if r.Since != "1" {
				return good
			}
			return func(yield func(adsync.Batch, error) bool) {
				reads++
				delta := adsync.Batch{Done: true, Next: "1"}
				if reads == 1 {
					delta.Changes = []adsync.Change{{Object: adsync.Object{Kind: adsync.User, Anchor: "x"}}}
				}
				yield(delta, nil)
			}
		}
	}, []string{"cursor/the same cursor gives the same answer"}},
	{"Only ignored", func(b *bad) {
		b.read = func(ctx context.Context, r adsync.ReadRequest, good sequence) sequence {
			if len(r.Only) == 0 {
				return good
			}
			r.Only = nil
			return b.good.Read(ctx, r)
		}
	}, []string{"only/honoured or unsupported", "only/is no snapshot and has no cursor", "only/an unknown anchor gives nothing else"}},
	{"Only not supported", func(b *bad) {
		b.read = func(ctx context.Context, r adsync.ReadRequest, good sequence) sequence {
			if len(r.Only) == 0 {
				return good
			}
			return func(yield func(adsync.Batch, error) bool) {
				yield(adsync.Batch{}, adsync.Errorf(adsync.CodeUnsupported, "cannot"))
			}
		}
	}, nil},
	{"miscounts its objects", func(b *bad) {
		b.batch = func(_ int, _ adsync.ReadRequest, batch *adsync.Batch) {
			if batch.Witness != nil {
				batch.Witness.Bases[0].Objects++
			}
		}
	}, []string{"witness/counts the objects given"}},
	{"miscounts an attribute", func(b *bad) {
		b.batch = func(_ int, _ adsync.ReadRequest, batch *adsync.Batch) {
			if batch.Witness != nil {
				batch.Witness.Attributes["mail"]++
			}
		}
	}, []string{"witness/counts the attributes given"}},
	{"invents a canary", func(b *bad) {
		b.batch = func(_ int, _ adsync.ReadRequest, batch *adsync.Batch) {
			if batch.Witness != nil {
				batch.Witness.Canaries = []adsync.Canary{{Anchor: "nobody"}}
			}
		}
	}, []string{"witness/canaries were given"}},
	{"takes who is in scope for out of it", func(b *bad) {
		b.sights = func(found []adsync.Sighting) []adsync.Sighting {
			for i := range found {
				found[i].Change.Presence, found[i].Left = adsync.OutOfScope, []string{"so it says"}
			}
			return found
		}
	}, []string{"explain/who is read is in scope"}},
	{"makes somebody up", func(b *bad) {
		b.sights = func(found []adsync.Sighting) []adsync.Sighting {
			if len(found) == 0 {
				found = append(found, adsync.Sighting{Change: adsync.Change{Object: b.good.Objects[0]}})
			}
			return found
		}
	}, []string{"explain/nobody is made up"}},
	{"panics", func(b *bad) {
		b.ask = func(r *adsync.ReadRequest) {
			if r.Since != "" {
				panic("oh")
			}
		}
	}, []string{"cursor/an unknown one is not an empty answer"}},
}

func TestEveryFaultIsFoundByItsChecksAndNoOthers(t *testing.T) {
	found := map[string]bool{}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			var failed []string
			for _, c := range sourcetest.Checks() {
				if complaints := try(t, c, f.bend); len(complaints) > 0 {
					failed, found[c.Name] = append(failed, c.Name), true
				}
			}
			require.ElementsMatch(t, f.checks, failed)
		})
	}
	for _, c := range sourcetest.Checks() {
		if c.Name != "read/two at once" { // see TestReadsAtOnce
			require.True(t, found[c.Name], "no fault shows that the check %q can fail", c.Name)
		}
	}
}

func try(t *testing.T, c sourcetest.Check, bend func(*bad)) []string {
	b := &bad{good: company()}
	var anchors []adsync.Anchor
	for _, o := range b.good.Objects {
		anchors = append(anchors, o.Anchor)
	}
	bend(b)
	return c.Try(t.Context(), b, sourcetest.Anchors(anchors...),
		sourcetest.Asked(func(adsync.Source) int { return int(b.asked.Load()) }),
		sourcetest.Held(func(adsync.Source) int { return int(b.held.Load()) }))
}

// TestReadsAtOnce makes two reads meet, which a scheduler need not do.
func TestReadsAtOnce(t *testing.T) {
	i := slices.IndexFunc(sourcetest.Checks(), func(c sourcetest.Check) bool { return c.Name == "read/two at once" })
	require.NotEmpty(t, try(t, sourcetest.Checks()[i], func(b *bad) {
		var meet sync.WaitGroup
		meet.Add(2)
		var one sync.Mutex
		b.read = func(_ context.Context, _ adsync.ReadRequest, good sequence) sequence {
			return func(yield func(adsync.Batch, error) bool) {
				mine := one.TryLock()
				meet.Done()
				meet.Wait()
				if !mine {
					yield(adsync.Batch{}, errors.New("busy"))
					return
				}
				good(yield)
			}
		}
	}))
}

func TestNamesOfChecksAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range sourcetest.Checks() {
		require.False(t, seen[c.Name], c.Name)
		seen[c.Name] = true
	}
}

func Example() {
	// In a test of one's own: sourcetest.Run(t, open, options…). Checks also run
	// outside a test:
	ada := adsync.Object{Kind: adsync.User, Anchor: "1"}
	ada.Attrs.Set("cn", "Ada")
	for _, check := range sourcetest.Checks() {
		for _, fault := range check.Try(context.Background(), source.Static(ada, ada)) {
			fmt.Printf("%s: %s\n", check.Name, fault)
		}
	}
	// Output:
	// snapshot/each anchor once: the object 1 came more than once
}
