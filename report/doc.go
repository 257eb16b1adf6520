// Package report draws a run: the figures of figures/*.svg and *.png, and report.html.
//
// Write reads a run folder (package runlog), computes tables and measures (contingency, dynamics)
// and writes both. Everything is drawn from the folder alone, so a report can be made again at any
// time, also during the run. The same run gives the same bytes: files depend on no clock, no random
// numbers and no map order.
//
// # The steps
//
//   - FromRun reads the folder into an Input. A caller with a log in memory fills an Input itself
//     (WriteInput).
//   - analysis.go computes once what figures and page share.
//   - figures.go lists the figures; package report/figure draws them.
//   - page.go fills the template page/page.html.tmpl. The numbers under the slider are computed and
//     formatted here, in Go; the page's code (page/*.js, ours, no framework) looks them up and
//     formats no statistic itself. Likewise the places of the oval's marks are those of package
//     figure, passed to it as data (oval.go).
//
// # The page
//
// One file that opens offline. A content security policy forbids every connection. Binary data are
// deflated and in base64; the browser inflates them (DecompressionStream, in browsers since 2023).
// The page of a run that grows is drawn by the same template and code; see [Live] and [Growing].
// At most 1,000 evaluations are on the page, evenly spaced on the logarithmic step axis; the page
// says so. Images are on sheets: PNG with 16 greys, or JPEG for colour. When the sheets would not
// fit into Options.PageBytes, examples that all models get right lose their images first.
//
// # Figures of one run and one reference
//
//	ratio            R± with its 95 % band, independence and the attainable maximum
//	rates            R+, R- and the accuracy of the network
//	cells            the four cells of T
//	nestedness       nestedness and kappa
//	learning-order   when examples are first right, and right for good, by whether the reference is right
//	overview         the first four on one sheet
//	infographic      the oval of + and - marks: a still, and an animation (GIF)
//
// and per run: agreement, the heat map of kappa between all models; groups-ATTRIBUTE, the accuracy by
// group, in runs that were given groups. Over several runs: SeedFigures,
// bands over seeds, and WriteOrders, a page of its own about orders of training: accuracy over the
// steps and at the end. The paper's Figure 1 is figure.Figure1.
//
// Left out on purpose: figures over free choices of axes (export the run and use a plotting
// library). The server of live pages is package serve.
package report
