// Package serve shows runs in a browser while they grow: the page of package report, live.
//
// [Serve] listens on one address. Who reads gets the page of a run (package report draws it, by the
// code that draws report.html), or several runs side by side, and then what is new of them, as
// server-sent events. Nothing can be changed through it.
//
// # Following
//
// Each run is followed by one goroutine. Runs that shoal trains are read through their database; the
// log of an attached training is imported first, into the run or, where the folder can't be written,
// into a copy, which is made again when the run's owner writes and removed at the end. An evaluation is sent once to each page: its tables, the
// numbers under the slider, and the network's predictions, deflated. Curves are drawn here, at most
// once a second, whoever reads them; what takes seconds (judging, regimes, the order of the
// examples) is computed again in the background when somebody reads, never more than a tenth of the
// time, and the page says of which step it is. A page of many evaluations drops some, evenly over the
// logarithmic axis.
//
// A run that is deleted, or whose log can't be read, is shown as far as it was read, and says so; the
// log is tried again every few seconds.
// One that is replaced by another makes its pages read themselves again.
//
// # Who may read
//
// Without a token only this machine's own addresses are listened on. Every request has to be for a
// host that this server can have: a page elsewhere whose name was pointed at this machine (DNS
// rebinding) asks for its own. Requests that a page of another origin has made are refused, by the
// headers in which browsers say so; only following a link to a page is not. A token, where there is
// one, comes in the address once and is a cookie from there on.
//
// Left out on purpose: TLS and users (put a proxy in front, or tunnel through ssh), and whatever
// changes a run.
package serve
