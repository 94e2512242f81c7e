"""Side by side with the peers: ratios measured in one run, repeated, medians shown."""
