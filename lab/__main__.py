"""`python -m lab` is `hatang-lab`."""

from lab.main import main

main()
