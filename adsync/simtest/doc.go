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
//			Sink: func(w *simtest.World) adsync.Sink {
//				return &mysink.Sink{Client: clientOf(w)} // of a server in front of w.System
//			},
//		})
//	}
//
// What the sink can do need not be said: its schema and its methods make the
// worlds. The objects have the attributes logon, email, displayName, title,
// phone, active and manager, groups and units have name; the made-up job maps
// those that the sink's schema has. For other names, set Mapper in Options.Job.
//
// Each failure shows the seed, what was seen, the shortest script found that
// still fails, and what passed between the engine and the sink. [Replay] plays
// the script, with the same options:
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
// or in the same goroutines. A goroutine of the sink's that goes on for ever
// stands in the way of its end. The examples of [Run] show a sink with an HTTP
// server and a source.
//
// The package is not a load test, and it proves nothing about a real server: it
// tries the engine, and what a connector makes of the engine's calls. Sources
// have source/sourcetest and sinks sink/sinktest for the contract itself; what a
// wall clock that is set back does cannot be played.
package simtest
