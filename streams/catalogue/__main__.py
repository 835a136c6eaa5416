"""`python -m streams.catalogue`."""

import sys

from streams.catalogue.events import main

sys.exit(main())
