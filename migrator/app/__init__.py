"""The composition root: the only place that knows every concrete part, and does nothing but put them together."""
