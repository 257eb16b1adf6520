package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"shoal/internal/textfmt"
	"shoal/serve"
)

func newServe(c *console) *cobra.Command {
	var o serve.Options
	cmd := &cobra.Command{
		Use:   "serve RUN...",
		Short: "show runs in a browser while they grow: the report as a live page",
		Long: `serve shows the report of a run as a page that grows with it: a run that shoal trains, or one that is trained
elsewhere, whose log it imports as it comes. Several runs are shown side by side. It prints the address, and ends
with Ctrl-C. Nothing can be changed through it.

It listens on this machine alone. On another address (--listen) readers need a token: the one given with --token, or
a random one, which is in the address that is printed. From elsewhere an ssh tunnel needs neither:
ssh -L 7420:localhost:7420 MACHINE.`,
		Args: arguments(1, -1, "run folders"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Runs = args
			o.Ready = func(address string) { textfmt.Fprintf(c.out, "%s\n", address) }
			said := newPrinter(c.err) // readers of the page don't wait for a reader of the messages
			defer said.wait()
			o.Say = func(format string, args ...any) { said.print(fmt.Sprintf(format, args...)) }
			return serve.Serve(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Host, "listen", "127.0.0.1", "name or address to listen on")
	f.IntVar(&o.Port, "port", 7420, "port to listen on; 0 for any that is free")
	f.StringVar(&o.Token, "token", "", "what readers have to know, 16 characters or more (default none on this machine, a random one elsewhere)")
	f.StringVar(&o.Split, "split", "", "evaluation split of runs that have several (default the main one)")
	return cmd
}
