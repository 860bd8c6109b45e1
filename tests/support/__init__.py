"""What several test modules share: clients, clocks, services, processes, pictures. Fixtures are in the conftests."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]  # of the project
