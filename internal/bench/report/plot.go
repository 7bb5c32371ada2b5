package report

import (
	"fmt"
	"html"
	"io"
	"math"
)

// Measures of the plot, in its own units.
const (
	plotWidth  = 760
	nameWidth  = 150
	valueWidth = 90
	barHeight  = 16
	barStep    = 24
	plotTop    = 52
)

var colours = map[By]string{Ours: "#2563a8", InC: "#8a8f98", Others: "#c77d2b"}

// Plot draws a bar for each row, objects a second, as SVG. The scale is
// logarithmic: rows differ by a hundred times.
func (r *Results) Plot(w io.Writer) error {
	low, high := r.decades()
	height := plotTop + barStep*len(r.Rows) + 28
	p := &plot{w: w, low: low, high: high}
	p.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`, plotWidth, height)
	p.put(`<rect width="100%%" height="100%%" fill="white"/>`)
	p.put(`<text x="10" y="20" font-size="14" font-weight="bold">Objects a second, %s persons, medians of %d (longer is faster; logarithmic)</text>`, thousands(float64(r.Persons)), len(r.Runs))
	p.legend()
	p.grid(height)
	for i := range r.Rows {
		p.bar(r, i)
	}
	p.put(`</svg>`)
	return p.err
}

// decades gives the powers of ten around all rows.
func (r *Results) decades() (low, high int) {
	low, high = math.MaxInt, math.MinInt
	for i := range r.Rows {
		at := math.Log10(r.perSecond(i))
		low, high = min(low, int(math.Floor(at))), max(high, int(math.Floor(at))+1)
	}
	return low, high
}

type plot struct {
	w         io.Writer
	low, high int
	err       error
}

func (p *plot) put(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// x is where a figure is on the scale.
func (p *plot) x(perSecond float64) float64 {
	span := float64(plotWidth - nameWidth - valueWidth)
	return nameWidth + span*(math.Log10(perSecond)-float64(p.low))/float64(p.high-p.low)
}

func (p *plot) legend() {
	at := nameWidth
	for _, by := range []By{Ours, InC, Others} {
		p.put(`<rect x="%d" y="31" width="10" height="10" fill="%s"/><text x="%d" y="40" fill="#444">%s</text>`, at, colours[by], at+15, by)
		at += 80
	}
}

func (p *plot) grid(height int) {
	for d := p.low; d <= p.high; d++ {
		x := p.x(math.Pow10(d))
		p.put(`<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#ddd"/>`, x, plotTop-4, x, height-24)
		p.put(`<text x="%.1f" y="%d" text-anchor="middle" fill="#666">%s</text>`, x, height-8, thousands(math.Pow10(d)))
	}
}

func (p *plot) bar(r *Results, i int) {
	row, at, y := r.Rows[i], r.perSecond(i), plotTop+barStep*i
	p.put(`<text x="%d" y="%d" text-anchor="end">%s</text>`, nameWidth-8, y+13, html.EscapeString(row.Name))
	p.put(`<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`, nameWidth, y, p.x(at)-nameWidth, barHeight, colours[row.By])
	p.put(`<text x="%.1f" y="%d" fill="#444">%s</text>`, p.x(at)+5, y+13, thousands(at))
}

// thousands writes a whole number with a comma before every three digits.
func thousands(f float64) string {
	s := fmt.Sprintf("%.0f", f)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
