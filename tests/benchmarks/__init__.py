"""Measurements on this machine, as ratios within one run; `make bench` prints them, pytest does not run them."""
