package localdb_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/adsync/sdk/adsync"
)

// BenchmarkCreate inserts accounts of 18 attributes in batches of 500, in the
// order of their anchors, as a plan has them.
func BenchmarkCreate(b *testing.B) {
	for name, empty := range databases {
		b.Run(name, func(b *testing.B) {
			s := empty(b)
			if err := s.Open(b.Context()); err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			random, n := rand.New(rand.NewPCG(1, 2)), 0
			b.ResetTimer()
			for n < b.N {
				size := min(500, b.N-n)
				ops := make([]adsync.Op, size)
				for i := range ops {
					ops[i] = person(n+i, random.Uint32())
				}
				n += size
				if _, err := s.ApplyBatch(b.Context(), adsync.OpBatch{Ops: ops}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func person(n int, random uint32) adsync.Op {
	logon := fmt.Sprintf("person.%08x.%d@example.com", random, n)
	op := put(adsync.Anchor(fmt.Sprintf("%08x-0000-4000-8000-000000000000", n)), "", "logon", logon, "email", logon, "active", "true")
	for _, name := range []string{
		"firstName", "middleName", "lastName", "displayName", "samName", "employeeId", "phone", "mobile", "title",
		"department", "company", "office", "street", "city", "country",
	} {
		op.Set.Set(name, fmt.Sprintf("%s number %d of many", name, n))
	}
	return op
}

// BenchmarkUpdate gives everybody a new title, in batches of 500.
func BenchmarkUpdate(b *testing.B) {
	for name, empty := range databases {
		b.Run(name, func(b *testing.B) {
			s := empty(b)
			if err := s.Open(b.Context()); err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			made, err := s.ApplyBatch(b.Context(), adsync.OpBatch{Ops: creates(0, 500)})
			if err != nil {
				b.Fatal(err)
			}
			ops := make([]adsync.Op, len(made))
			for n := 0; b.Loop(); n++ {
				for i, m := range made {
					ops[i] = put(adsync.Anchor(fmt.Sprintf("%08d", i)), m.Receipt.Target, "title", fmt.Sprint(n))
				}
				if _, err := s.ApplyBatch(b.Context(), adsync.OpBatch{Ops: ops}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
