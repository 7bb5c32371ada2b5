// Package simtest plays whole lives of a synchronisation in a made-up world, in
// which everything goes wrong that can, and holds what happens against the
// engine's invariants, I1 to I11. A seed makes a script: directories with
// several controllers of which some lag behind or are restored, reads that are
// cut short or lie, targets that throttle, lose answers, answer late or say that
// they did what they did not, people who change the target by hand, processes
// that die at any call, stand still, or run twice at once. Hours and weeks pass
// at once, since a script is played under testing/synctest.
//
// A vendor points it at a source or a sink of one's own:
//
//	func TestMySinkInEverySituation(t *testing.T) {
//		simtest.Run(t, simtest.Options{
//			World: "world people=6 replay=external see=blind",
//			Sink: func(w *simtest.World) adsync.Sink {
//				return &mysink.Sink{Client: clientOf(w.System)} // a server in front of w.System
//			},
//		})
//	}
//
// Each failure shows the seed, what was seen, and the shortest script found that
// still fails. [Replay] plays it:
//
//	simtest.Replay(t, `
//		world people=6
//		run
//		leave 3
//		run sink=refuse:1
//	`, simtest.Options{})
//
// A script has one line for the world and one for each thing that happens; see
// [Script] and [Verbs]. What the oracles hold the engine to is in [Oracles].
//
// The servers of vendors have to live inside the bubble of time: over net.Pipe,
// or in the same goroutines. The example shows an HTTP server.
//
// The package is not a load test, and it proves nothing about a real server: it
// tries the engine, and what a connector makes of the engine's calls. Sources
// have source/sourcetest and sinks sink/sinktest for the contract itself; what a
// wall clock that is set back does cannot be played.
package simtest
