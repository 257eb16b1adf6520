package paper

import (
	"fmt"
	"slices"

	"shoal/dynamics"
)

// OrderAgreement says how well seeds of a smaller network agree on the order in which they learn, by
// Spearman's rank correlation over the examples that one of two learns, and how well the large
// network on the same dataset does. Null where there is nothing to compare.
type OrderAgreement struct {
	Seeds *Spread `json:"seeds"` // over pairs of seeds; Spread.Seeds counts pairs
	Large string  `json:"large"` // the large network, "" without a run of it
	With  *Spread `json:"with_large"`
}

// orders compares the orders of a smaller network's seeds with each other and with the large one's;
// nil where neither can be compared.
func (c collected) orders(parts []collected) (*OrderAgreement, error) {
	out := &OrderAgreement{}
	own := c.counted()
	var among, with []float64
	for k, a := range own {
		for _, b := range own[:k] {
			if err := compareOrders(&among, a, b); err != nil {
				return nil, err
			}
		}
	}
	k := slices.IndexFunc(parts, func(p collected) bool { return !p.Smaller && p.Dataset == c.Dataset && len(p.runs) > 0 })
	if k >= 0 {
		out.Large = parts[k].Network + parts[k].asOf()
		for _, a := range own {
			for _, b := range parts[k].counted() {
				if err := compareOrders(&with, a, b); err != nil {
					return nil, err
				}
			}
		}
	}
	if out.Seeds, out.With = spreadOf(among), spreadOf(with); out.Seeds == nil && out.With == nil {
		return nil, nil
	}
	return out, nil
}

// compareOrders adds the agreement of two runs on the same examples.
func compareOrders(to *[]float64, a, b *run) error {
	if !slices.Equal(a.Log.Labels, b.Log.Labels) {
		return nil
	}
	for _, r := range []*run{a, b} {
		if err := r.learn(); err != nil {
			return err
		}
	}
	if rho := dynamics.AgreeOnOrder(a.learned, b.learned); rho.Defined {
		*to = append(*to, rho.Value)
	}
	return nil
}

// Sentence says what the agreement is, without the full stop.
func (o *OrderAgreement) Sentence(network string) string {
	between := func(s *Spread) string {
		if s.Seeds == 1 {
			return fmt.Sprintf("%.2f", s.Mean)
		}
		return fmt.Sprintf("%.2f to %.2f (the least and the most of %d pairs of seeds)", s.Least, s.Most, s.Seeds)
	}
	text := fmt.Sprintf("there is one seed of %s, so that seeds can't be compared", network)
	if o.Seeds != nil {
		text = fmt.Sprintf("seeds of %s agree on the order of learning by a rank correlation of %s", network, between(o.Seeds))
	}
	if o.With == nil {
		return text + "; how the large network's order agrees with it is not known, as there is no run of that"
	}
	return text + fmt.Sprintf("; %s agrees with them by %s: the nearer these are, the more of what is said of the order holds for it, too", o.Large, between(o.With))
}
