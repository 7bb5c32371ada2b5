package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/adsync/sdk/adsync"
)

// digestVersion changes when this package makes something else of the same rules.
const digestVersion = "1"

// The shapes that are hashed hold what rules mean: attribute names folded,
// expressions as their syntax trees print, normalisers with their versions.
type (
	digestMap struct {
		Version    string
		Parameters map[string]string
		Tables     map[string]map[string]string
		Kinds      map[string]digestKind
	}
	digestKind struct {
		Skip       []string
		Becomes    [][2]string
		Container  *digestRule
		References []digestReference
		Rules      []digestRule
	}
	digestReference struct {
		To, From string
		Blank    Blank
	}
	digestRule struct {
		To        string
		From      [][2]string
		Normalize []string
		Multi     Multi
		Table     string
		OffTable  OffTable
		Default   []string
		Blank     Blank
	}
)

func (c *compiler) digest(parameters map[string]string, m *Mapper) string {
	if len(c.list) > 0 {
		return ""
	}
	d := digestMap{Version: digestVersion, Parameters: parameters, Tables: map[string]map[string]string{}, Kinds: map[string]digestKind{}}
	for name, t := range c.rules.Tables {
		d.Tables[name] = foldKeys(t)
	}
	for kind, k := range m.kinds {
		d.Kinds[kind.String()] = c.digestKind(k, c.rules.Kinds[kind], kind)
	}
	text, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return "mapping-" + digestVersion + "-" + hex.EncodeToString(sum[:16])
}

func (c *compiler) digestKind(k *kindSteps, rules *KindRules, kind adsync.Kind) digestKind {
	var d digestKind
	for _, s := range k.skip {
		d.Skip = append(d.Skip, s.canonical)
	}
	for _, b := range k.becomes {
		when := ""
		if b.when != nil {
			when = b.when.canonical
		}
		d.Becomes = append(d.Becomes, [2]string{b.kind.String(), when})
	}
	for _, r := range k.references {
		d.References = append(d.References, digestReference{To: foldName(r.to), From: foldName(r.from), Blank: r.blank})
	}
	tables := map[string]string{}
	for _, r := range rules.Attributes {
		tables[foldName(r.To)] = r.Table
	}
	for _, s := range k.steps {
		d.Rules = append(d.Rules, c.digestStep(s, tables[foldName(s.to)]))
	}
	if k.container != nil {
		rule := c.digestStep(k.container, "")
		d.Container = &rule
	}
	return d
}

func (c *compiler) digestStep(s *step, table string) digestRule {
	d := digestRule{To: foldName(s.to), Multi: s.multi, Table: table, OffTable: s.offTable, Default: s.fallback, Blank: s.blank}
	for _, o := range s.from {
		switch {
		case o.constant != nil:
			d.From = append(d.From, [2]string{"constant", o.constant[0]})
		case o.expression != nil:
			d.From = append(d.From, [2]string{"expr", o.expression.canonical})
		default:
			d.From = append(d.From, [2]string{"attr", c.language.layout.folded[o.slot]})
		}
	}
	for _, n := range slices.Concat(s.lists, s.values) {
		d.Normalize = append(d.Normalize, n.Name+"@"+n.Version)
	}
	return d
}

// attributesRead joins what rules and references read with a name from the
// object itself left out.
func (m *Mapper) attributesRead() []string {
	names := map[string]bool{}
	for _, n := range m.layout.attributes() {
		names[n] = true
	}
	return slices.Sorted(maps.Keys(names))
}
