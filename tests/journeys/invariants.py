"""What must never break, asked of the rows themselves in SQL of our own: nothing here calls a rule or a service.

Each question returns what is wrong, in sentences; ``broken_invariants`` asks all of them. What compares a moment with
the one before lies in ``invariant_record``, what is asked of the instant at which a unit moves on in
``invariant_release``.
"""
# ruff: noqa: S608  The questions are made of constants of ours; nothing in them is typed by anyone.

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

Question = Callable[[], list[str]]
# What is in one of these states lies in no position.
_ITS_RELEASE = (
    " JOIN inventory_releaseunit x ON x.unit_id = u.id JOIN inventory_release r ON r.id = x.release_id"
    " JOIN inventory_unitrequest q ON q.id = r.request_id"
)
NOT_IN_STORE = "'shipped', 'received', 'consumed', 'used', 'discarded', 'lost', 'voided'"


def select(question: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return the rows that a question finds: each of them is wrong."""
    with connection.cursor() as cursor:
        cursor.execute(question, [_stored(value) for value in values])
        return list(cursor.fetchall())


def found(what: str, question: str, *values: Any) -> list[str]:
    """Return a sentence for each row that is wrong."""
    return [f"{what}: {', '.join(map(str, row))}" for row in select(question, *values)]


def one_active_reservation_per_unit() -> list[str]:
    """INV-01, and what it is for: a unit is reserved or released exactly while somebody has it reserved."""
    return [
        *found(
            "reserved twice",
            "SELECT unit_id FROM inventory_reservation WHERE ended_at IS NULL GROUP BY unit_id HAVING COUNT(*) > 1",
        ),
        *found(
            "promised and not reserved",
            "SELECT u.code, u.state FROM inventory_unit u WHERE u.state IN ('reserved', 'released') AND NOT EXISTS"
            " (SELECT 1 FROM inventory_reservation r WHERE r.unit_id = u.id AND r.ended_at IS NULL)",
        ),
        *found(
            "reserved and not promised",
            "SELECT u.code, u.state FROM inventory_unit u JOIN inventory_reservation r ON r.unit_id = u.id"
            " WHERE r.ended_at IS NULL AND u.state NOT IN ('reserved', 'released')",
        ),
        *found(
            "reserved for a request that ended, or has no such line",
            "SELECT u.code, q.reference, q.status FROM inventory_reservation r"
            " JOIN inventory_unit u ON u.id = r.unit_id JOIN inventory_unitrequest q ON q.id = r.request_id"
            " WHERE r.ended_at IS NULL AND (q.status NOT IN ('submitted', 'approved', 'released') OR NOT EXISTS"
            " (SELECT 1 FROM inventory_requestline l WHERE l.request_id = q.id AND l.unit_id = u.id"
            " AND l.removed_at IS NULL))",
        ),
    ]


def one_thing_per_position() -> list[str]:
    """INV-02: and what has left the bank, or is no more, lies in none."""
    twice = [
        problem
        for column in ("position_id", "unit_id", "sample_id")
        for problem in found(
            f"two open placements of one {column}",
            f"SELECT {column} FROM inventory_placement WHERE removed_at IS NULL AND {column} IS NOT NULL"
            f" GROUP BY {column} HAVING COUNT(*) > 1",
        )
    ]
    return [
        *twice,
        *found(
            "not in store, and in a position",
            "SELECT u.code, u.state FROM inventory_placement p JOIN inventory_unit u ON u.id = p.unit_id"
            f" WHERE p.removed_at IS NULL AND u.state IN ({NOT_IN_STORE})",
        ),
        *found(
            "in a position of a site that does not hold it",
            "SELECT u.code, u.holder, s.code FROM inventory_placement p JOIN inventory_unit u ON u.id = p.unit_id"
            " JOIN inventory_position o ON o.id = p.position_id JOIN inventory_container c ON c.id = o.container_id"
            " JOIN biobank_site s ON s.id = c.site_id WHERE p.removed_at IS NULL AND u.holder <> s.code",
        ),
    ]


def positions_exist_in_their_grid() -> list[str]:
    """INV-03: the position lies in its container's grid, and the container accepts what is in it."""
    inside = select(
        "SELECT o.code, k.accepts, COALESCE(u.product_class, t.role) FROM inventory_placement p"
        " JOIN inventory_position o ON o.id = p.position_id JOIN inventory_container c ON c.id = o.container_id"
        " JOIN inventory_containerkind k ON k.id = c.kind_id LEFT JOIN inventory_unit u ON u.id = p.unit_id"
        " LEFT JOIN inventory_referencesample t ON t.id = p.sample_id WHERE p.removed_at IS NULL"
    )
    return [
        *(f"{what} in {position}, which does not accept it" for position, kinds, what in inside if what not in kinds),
        *found(
            "outside of its grid",
            "SELECT o.code FROM inventory_placement p JOIN inventory_position o ON o.id = p.position_id"
            " JOIN inventory_container c ON c.id = o.container_id JOIN inventory_containerkind k ON k.id = c.kind_id"
            " WHERE p.removed_at IS NULL AND k.rows > 0 AND (o.row NOT BETWEEN 1 AND k.rows"
            ' OR o."column" NOT BETWEEN 1 AND k.columns)',
        ),
    ]


def what_left_is_traceable() -> list[str]:
    """INV-11: from every unit that left to its donors and its protocol, and to both in one entry of the ledger."""
    return [
        *found(
            "left without a release",
            "SELECT u.code FROM inventory_unit u WHERE u.state IN ('shipped', 'received', 'used') AND NOT EXISTS"
            " (SELECT 1 FROM inventory_releaseunit x JOIN inventory_release r ON r.id = x.release_id"
            " JOIN inventory_unitrequest q ON q.id = r.request_id JOIN inventory_protocol p ON p.id = q.protocol_id"
            " WHERE x.unit_id = u.id AND r.issued_at IS NOT NULL AND p.code <> '')",
        ),
        *found(
            "no donor behind it",
            "SELECT u.code FROM inventory_unit u WHERE NOT EXISTS (SELECT 1 FROM inventory_unitsource s"
            " JOIN inventory_donation d ON d.id = s.donation_id JOIN consent_donor o ON o.id = d.donor_id"
            " WHERE s.unit_id = u.id AND o.donor_code <> '')",
        ),
        *(f"left, and no entry names it with donor and protocol: {code}" for code in _left_without_an_entry()),
    ]


def _left_without_an_entry() -> list[str]:
    """Return what left without one entry that names it, its donor and a protocol; PostgreSQL would join for long."""
    named: dict[int, set[str]] = {}
    of_a_protocol = "SELECT entry_id FROM biobank_ledgersubject WHERE code IN (SELECT code FROM inventory_protocol)"
    for entry, code in select(f"SELECT entry_id, code FROM biobank_ledgersubject WHERE entry_id IN ({of_a_protocol})"):
        named.setdefault(entry, set()).add(code)
    gone = select(
        "SELECT u.code, o.donor_code FROM inventory_unit u JOIN inventory_unitsource s ON s.unit_id = u.id"
        " JOIN inventory_donation d ON d.id = s.donation_id JOIN consent_donor o ON o.id = d.donor_id"
        " WHERE u.state IN ('shipped', 'received', 'used')"
    )
    return [unit for unit, donor in gone if not any({unit, donor} <= codes for codes in named.values())]


def speaks_for(consent: str) -> str:
    """Return the condition that a consent is of the strand that speaks for the donation ``d``.

    The authorisation of its own infant's recovery for what was recovered after death, the mother's for a birth.
    """
    of_death = f"d.event = 'recovery_after_death' AND {consent}.deceased_id = d.infant_id"
    of_birth = f"d.event <> 'recovery_after_death' AND {consent}.deceased_id IS NULL"
    return f"{consent}.donor_id = d.donor_id AND {consent}.infant_id IS NULL AND ({of_death} OR {of_birth})"


# The latest consent that speaks for the donation ``d``.
ITS_CONSENT = f"{speaks_for('c')} AND c.id = (SELECT MAX(y.id) FROM consent_consent y WHERE {speaks_for('y')})"


def withdrawn_consent_blocks() -> list[str]:
    """INV-12: no promise stands on a withdrawn consent, nothing in stock does, and what left is in a notice."""
    status = " WHERE c.status = 'withdrawn'"
    from_the_donor = (
        " FROM inventory_unit u JOIN inventory_unitsource s ON s.unit_id = u.id"
        f" JOIN inventory_donation d ON d.id = s.donation_id JOIN consent_consent c ON {ITS_CONSENT}"
        f"{status}"
    )
    # Past the stage that the form names the medical director decides; until then a hold stops it.
    in_time = " AND NOT EXISTS (SELECT 1 FROM inventory_withdrawalreferral f WHERE f.unit_id = u.id"
    in_time += " AND f.decision <> 'stopped')"
    return [
        *found(
            "consent withdrawn, and still in stock or promised",
            f"SELECT u.code, u.state{from_the_donor} AND u.state IN ('available', 'reserved', 'released'){in_time}",
        ),
        *found(
            "consent withdrawn, and its release stands",
            f"SELECT u.code, r.reference{from_the_donor.replace(status, _ITS_RELEASE + status)}"
            " AND r.status <> 'void' AND q.status IN ('submitted', 'approved', 'released')"
            f"{in_time}",
        ),
        *found(
            "withdrawn, and the site was never told",
            f"SELECT u.code, u.state{from_the_donor} AND u.state IN ('shipped', 'received', 'used') AND NOT EXISTS"
            " (SELECT 1 FROM inventory_noticeitem i JOIN inventory_consigneenotice n ON n.id = i.notice_id"
            " WHERE i.unit_id = u.id AND n.kind = 'consent_withdrawal')",
        ),
    ]


def nothing_expired_is_promised() -> list[str]:
    """INV-17: the instant of expiry is past already."""
    moments = {
        "reserved": "SELECT u.code FROM inventory_reservation r JOIN inventory_unit u ON u.id = r.unit_id"
        " WHERE u.expires_at <= r.reserved_at",
        "released": "SELECT u.code FROM inventory_releaseunit x JOIN inventory_release r ON r.id = x.release_id"
        " JOIN inventory_unit u ON u.id = x.unit_id WHERE u.expires_at <= r.issued_at",
        "picked": "SELECT u.code FROM inventory_pick p JOIN inventory_unit u ON u.id = p.unit_id"
        " WHERE u.expires_at <= p.picked_at",
        "handed over": "SELECT u.code FROM inventory_shipmentitem i JOIN inventory_shipment s ON s.id = i.shipment_id"
        " JOIN inventory_unit u ON u.id = i.unit_id WHERE s.kind = 'release' AND u.expires_at <= s.handed_over_at",
    }
    return [problem for what, question in moments.items() for problem in found(f"{what} when expired", question)]


def one_effect_per_key() -> list[str]:
    """INV-21: a key stands once, with its answer."""
    return [
        *found(
            "two effects of one key",
            "SELECT actor_id, key FROM biobank_idempotencykey GROUP BY actor_id, key HAVING COUNT(*) > 1",
        ),
        *found("a key without its answer", "SELECT key FROM biobank_idempotencykey WHERE answer = ''"),
    ]


def picks_are_from_where_the_unit_lay() -> list[str]:
    """INV-31: each pick took the unit out of the position it names, and was of a release of that unit."""
    return [
        *found(
            "picked where it did not lie",
            "SELECT u.code, o.code FROM inventory_pick p JOIN inventory_unit u ON u.id = p.unit_id"
            " JOIN inventory_position o ON o.id = p.position_id WHERE NOT EXISTS (SELECT 1 FROM inventory_placement x"
            " WHERE x.unit_id = p.unit_id AND x.position_id = p.position_id AND x.removed_by_id = p.picked_by_id"
            " AND x.removed_at >= p.picked_at)",
        ),
        *found(
            "picked for a release that is not its own",
            "SELECT p.unit_id, p.release_id FROM inventory_pick p WHERE NOT EXISTS (SELECT 1"
            " FROM inventory_releaseunit x WHERE x.release_id = p.release_id AND x.unit_id = p.unit_id)",
        ),
    ]


def excursions_hold_what_was_inside() -> list[str]:
    """INV-33: every unit that lay in the container is named; what was not final then is held until assessed."""
    return [
        *found(
            "was inside and is not named",
            "SELECT e.reference, u.code FROM inventory_excursion e"
            " JOIN inventory_position o ON o.container_id = e.container_id"
            " JOIN inventory_placement p ON p.position_id = o.id JOIN inventory_unit u ON u.id = p.unit_id"
            " WHERE p.placed_at <= e.ended_at AND p.placed_at <= e.reported_at"
            " AND (p.removed_at IS NULL OR p.removed_at > e.started_at) AND NOT EXISTS"
            " (SELECT 1 FROM inventory_excursionitem i WHERE i.excursion_id = e.id AND i.unit_id = u.id)",
        ),
        *found(
            "in doubt and not held",
            "SELECT e.reference, u.code, u.state FROM inventory_excursionitem i"
            " JOIN inventory_excursion e ON e.id = i.excursion_id JOIN inventory_unit u ON u.id = i.unit_id"
            " LEFT JOIN inventory_hold h ON h.id = i.hold_id WHERE e.is_beyond AND e.assessed_at IS NULL"
            " AND u.state NOT IN ('consumed', 'used', 'discarded', 'lost', 'voided')"
            " AND (h.id IS NULL OR h.lifted_at IS NOT NULL OR h.kind <> 'excursion' OR h.unit_id <> u.id)",
        ),
    ]


def exceptions_are_named() -> list[str]:
    """INV-30: what is asked for by exception has its own kind and its physician's reasons, and nothing else has."""
    return found(
        "an exception in disguise",
        "SELECT q.reference, q.kind FROM inventory_unitrequest q LEFT JOIN inventory_waiver w ON w.request_id = q.id"
        " LEFT JOIN inventory_release r ON r.request_id = q.id"
        " WHERE (q.kind <> 'normal') <> (w.id IS NOT NULL) OR w.kind <> q.kind OR r.kind <> q.kind",
    )


QUESTIONS: Mapping[str, Question] = {
    "INV-01": one_active_reservation_per_unit,
    "INV-02": one_thing_per_position,
    "INV-03": positions_exist_in_their_grid,
    "INV-11": what_left_is_traceable,
    "INV-12": withdrawn_consent_blocks,
    "INV-17": nothing_expired_is_promised,
    "INV-21": one_effect_per_key,
    "INV-30": exceptions_are_named,
    "INV-31": picks_are_from_where_the_unit_lay,
    "INV-33": excursions_hold_what_was_inside,
}


def broken_invariants() -> list[str]:
    """Return what is wrong in the bank as it stands, by invariant."""
    return [f"{name} {problem}" for name, question in QUESTIONS.items() for problem in question()]


def _stored(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
