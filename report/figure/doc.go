// Package figure draws shoal's figures, as SVG and as PNG, from plain numbers.
//
// It does not depend on runs, databases or models: a caller passes curves (type Curves), marks
// (type Oval), learning steps (type Order) or a matrix (type Heat) and gets a *Figure, which writes
// itself in either format. The same calls draw both, through gonum/plot's vector graphics layer:
// vgimg for pixels and a small SVG canvas of this package that groups every series under its name,
// writes short numbers, and can leave its colours to a style sheet (that is how report.html follows
// the reader's light or dark theme).
//
// # The step axis
//
// Training steps are on a logarithmic axis because most happens early. Step 0, the untrained
// network, has no logarithm: it is drawn half-way (on the log scale, at 0.5) before step 1 under
// the tick "0", and a break in the axis says so. Epochs are a second row of ticks beneath the
// first.
//
// # Colours
//
// The palette is Okabe and Ito's, safe for the colour-blind. No line depends on its colour: each
// series has its own dash pattern and is named at its end, so that the figures can be read in grey.
//
// # Guarantees
//
// The same input gives the same bytes. NaN and Inf are never written: a point that is not defined
// interrupts its line.
//
// Left out on purpose: interaction (the page does that), themes, and the choice of fonts. Figures
// are set in Liberation Sans; an SVG names Helvetica and Arial, which have the same metrics, as its
// substitutes.
package figure
