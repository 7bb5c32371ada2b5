package adsync

import "iter"

// backgroundItems is how many items pass from one goroutine to the other at once.
const backgroundItems = 200

// inBackground makes the items of a sequence in a goroutine of its own, while
// those before are worked on. Some hundreds are held at once. Whoever leaves the
// loop early leaves nothing running.
func inBackground[T any](items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		b := &background[T]{parts: make(chan []backgroundItem[T], 1), left: make(chan struct{})}
		go b.make(items)
		defer b.end()
		for part := range b.parts {
			for i := range part {
				if !yield(part[i].item, part[i].err) {
					return
				}
			}
		}
	}
}

type background[T any] struct {
	parts chan []backgroundItem[T]
	left  chan struct{}
}

type backgroundItem[T any] struct {
	item T
	err  error
}

func (b *background[T]) make(items iter.Seq2[T, error]) {
	defer close(b.parts)
	var part []backgroundItem[T]
	for item, err := range items {
		if part = append(part, backgroundItem[T]{item, err}); len(part) < backgroundItems {
			continue
		}
		if !b.pass(part) {
			return
		}
		part = make([]backgroundItem[T], 0, backgroundItems)
	}
	b.pass(part)
}

func (b *background[T]) pass(part []backgroundItem[T]) bool {
	select {
	case b.parts <- part:
		return true
	case <-b.left:
		return false
	}
}

func (b *background[T]) end() {
	close(b.left)
	for range b.parts {
	}
}
