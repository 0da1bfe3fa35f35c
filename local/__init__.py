"""The local cloud: runs what template.yaml defines on this machine, without Docker and without an account."""
