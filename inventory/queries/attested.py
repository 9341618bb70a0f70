"""How a fact that another establishment attested is marked wherever it is shown."""

from consent.domain.attestation import attested_by
from inventory.models.attestation import Attestation


def mark_of(attestation: Attestation | None) -> str:
    """Return the mark of a fact under this attestation; nothing for a fact of the bank's own."""
    return attested_by(attestation.establishment, attestation.document_sha256) if attestation else ""
