"""Which Spark to use, and how.

>>> SparkSettings("sc://spark.example:15002").remote
True
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SparkSettings:
    """``master``: a master's URL (``spark://…``, ``local[*]``, ``yarn``) or a Spark Connect URL (``sc://…``); None: this machine.

    ``conf``: further settings of Spark, name and value.
    """

    master: str | None = None
    conf: tuple[tuple[str, str], ...] = ()

    @property
    def remote(self) -> bool:
        """Whether Spark runs behind a Spark Connect server."""
        return self.master is not None and self.master.startswith("sc://")
