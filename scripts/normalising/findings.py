"""What was met while a document was normalised."""

from attrs import field, frozen


@frozen
class Findings:
    """Sentences, in the order in which they were found.

    `report` is everything; `lacks` is the part of it that the API reference promises and the document does not say;
    `missing` names what makes the document unusable.
    """

    report: list[str] = field(factory=list)
    lacks: list[str] = field(factory=list)
    missing: list[str] = field(factory=list)

    def tell(self, sentence: str) -> None:
        """Something worth knowing."""
        if sentence not in self.report:
            self.report.append(sentence)

    def lack(self, sentence: str) -> None:
        """Something that the reference promises and the document does not say, or says otherwise."""
        if sentence not in self.lacks:
            self.lacks.append(sentence)
            self.tell(sentence)
