"""Which operation was seen to answer which status, noted as a line each."""

from pathlib import Path


class Record:
    """Appends to a file that several processes may write one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: set[tuple[str, int]] = set()

    def note(self, operation: str, status: int) -> None:
        if (operation, status) not in self._seen:
            self._seen.add((operation, status))
            with self._path.open("a") as file:
                file.write(f"{operation} {status}\n")

    @staticmethod
    def read(path: Path) -> set[tuple[str, int]]:
        lines = (line.split() for line in path.read_text().splitlines())
        return {(operation, int(status)) for operation, status in lines}
