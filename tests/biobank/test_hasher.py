"""A demo's passwords: cheaper to prove, read by the usual hasher and renewed by it."""

from django.contrib.auth.hashers import ScryptPasswordHasher

from biobank.hasher import PublishedPasswordHasher

USUAL, PUBLISHED = ScryptPasswordHasher(), PublishedPasswordHasher()


def test_the_usual_hasher_reads_what_a_demo_keeps_and_renews_it():
    kept = PUBLISHED.encode("seven quiet freezers", "salt" * 6)

    assert USUAL.verify("seven quiet freezers", kept)
    assert not USUAL.verify("seven quiet Freezers", kept)
    assert USUAL.must_update(kept)


def test_it_costs_a_fifth():
    assert USUAL.parallelism == 5 * PUBLISHED.parallelism
    assert USUAL.work_factor == PUBLISHED.work_factor
