package fakedir

import "testing"

func BenchmarkCompanyOf100000(b *testing.B) {
	for b.Loop() {
		newCompany(Config{People: 100_000}.withDefaults())
	}
}

func BenchmarkDayOf100000(b *testing.B) {
	c := newCompany(Config{People: 100_000}.withDefaults())
	for b.Loop() {
		c.advance()
	}
}
