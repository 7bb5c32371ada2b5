package simtest

import "slices"

// shrink gives the shortest script it finds of which the same oracle still
// complains: steps and pairs are taken out while it does. It plays at most so
// many scripts.
func shrink(script Script, plays int, fails func(Script) bool) Script {
	try := func(s Script) bool {
		if plays <= 0 {
			return false
		}
		plays--
		return fails(s)
	}
	for size := len(script.Steps) / 2; size >= 1; {
		shorter := false
		for at := 0; at < len(script.Steps); {
			end := min(at+size, len(script.Steps))
			candidate := Script{script.World, slices.Concat(script.Steps[:at:at], script.Steps[end:])}
			if try(candidate) {
				script, shorter = candidate, true
				continue
			}
			at = end
		}
		if !shorter || size > 1 {
			if size == 1 {
				break
			}
			size /= 2
		}
	}
	return shrinkPairs(script, try)
}

// shrinkPairs takes what goes wrong out of the runs that are left, and makes
// the world plainer.
func shrinkPairs(script Script, try func(Script) bool) Script {
	for i := range script.Steps {
		for _, name := range pairsOf[script.Steps[i].Verb] {
			candidate := Script{script.World, slices.Clone(script.Steps)}
			candidate.Steps[i] = script.Steps[i].without(name)
			if len(candidate.Steps[i].Args) < len(script.Steps[i].Args) && try(candidate) {
				script = candidate
			}
		}
	}
	for _, name := range pairsOf["world"] {
		candidate := Script{script.World.without(name), script.Steps}
		if len(candidate.World.Args) < len(script.World.Args) && try(candidate) {
			script = candidate
		}
	}
	return script
}
