"""The document: which operations it has, which statuses it lists, and whether an answer is as it says."""

import json
from pathlib import Path

import schemathesis
from schemathesis.core.failures import FailureGroup


class Document:
    def __init__(self, path: Path) -> None:
        described = json.loads(path.read_text())
        schema = schemathesis.openapi.from_dict(described, config=schemathesis.Config())
        self.paths, self.statuses, self._operations, self._queries = {}, {}, {}, {}
        for path_, item in described["paths"].items():
            for method, operation in item.items():
                name = operation["operationId"]
                self.paths[name] = path_
                self.statuses[name] = [int(status) for status in operation["responses"]]
                self._queries[name] = any(p["in"] == "query" for p in operation.get("parameters", []))
                self._operations[name] = schema[path_][method.upper()]
        self.operations = list(self.statuses)

    def takes_query(self, operation: str) -> bool:
        return self._queries[operation]

    def pairs(self) -> set[tuple[str, int]]:
        return {(name, status) for name, statuses in self.statuses.items() for status in statuses}

    def faults(self, operation: str, answer) -> list[str]:
        """What of an answer is not as the document has it."""
        if answer.status_code not in self.statuses[operation]:
            return [f"is not documented: {answer.text[:300]}"]
        try:
            self._operations[operation].validate_response(answer)
        except FailureGroup as group:
            return [str(failure) for failure in group.exceptions]
        return []
