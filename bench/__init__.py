"""Timings beside what one would use instead, as ratios; never asserted in a test."""
