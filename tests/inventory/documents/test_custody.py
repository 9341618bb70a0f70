"""The chain-of-custody document: the same bytes for the same facts, and everything is in it."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pypdf
import pypdfium2
import pytest
import zxingcpp

from inventory.documents.custody import custody_pdf
from inventory.documents.embedded import EmbeddedTextUnreadable, embedded_text
from inventory.documents.sheet import PAGE_HEIGHT
from inventory.domain.custody import custody_record, facts_sha256
from tests.factories.custody_facts import custody_facts, donors, edition, entry, results, signatures, unit_identity
from tests.factories.time import NOON, hours


def pages(pdf):
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def text(pdf):
    return " ".join(pages(pdf))


def squeezed(words):
    return re.sub(r"\s+", "", words)


def test_the_same_facts_and_edition_give_the_same_bytes():
    facts = custody_facts(40)

    assert custody_pdf(facts, edition()) == custody_pdf(facts, edition())


def test_another_process_gives_the_same_bytes():
    program = (
        "import hashlib; from tests.factories.custody_facts import *; "
        "from inventory.documents.custody import custody_pdf; "
        "print(hashlib.sha256(custody_pdf(custody_facts(9), edition())).hexdigest())"
    )

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == sha256(custody_pdf(custody_facts(9), edition())).hexdigest()


def test_facts_that_differ_in_one_field_give_other_bytes_and_another_hash():
    facts = custody_facts()
    moved = replace(facts, unit=unit_identity(place="elsewhere"))

    assert custody_pdf(facts, edition()) != custody_pdf(moved, edition())
    assert facts_sha256(facts) != facts_sha256(moved)


def test_every_entry_of_a_long_chain_is_printed_with_its_seal_and_both_times():
    facts = custody_facts(120)

    printed = squeezed(text(custody_pdf(facts, edition())))

    assert [row.number for row in facts.entries if row.seal not in printed] == []
    assert printed.count("seal") >= 120
    assert all(squeezed(f"{row.at:%Y-%m-%d %H:%M:%S} UTC") in printed for row in facts.entries)
    assert "Łukasiewicz-Núñez" in printed


def test_every_page_says_which_page_of_how_many_it_is_and_whose():
    made = pages(custody_pdf(custody_facts(60), edition()))

    assert len(made) > 5
    for number, page in enumerate(made, start=1):
        assert f"Page {number} of {len(made)}" in page
        assert "Lisbon Cord Blood Bank" in page
        assert "A9999 26 000123 S" in page


def test_every_page_shows_the_head_of_the_ledger_in_full_and_who_generated_it():
    facts = custody_facts(60)

    made = pages(custody_pdf(facts, edition()))

    for page in made:
        assert f"entry {facts.head.number}," in page
        assert facts.head.seal in squeezed(page)
        assert "Generated 2026-03-14 12:00:00 WET (2026-03-14 12:00:00 UTC) by Dr Ingrid Łukasiewicz-Núñez" in page
        assert "RPT-7F3K9QXM" in page
        assert facts.ledger_key_sha256 in squeezed(page)


def test_every_page_shows_who_signed_when_and_meaning_what():
    made = pages(custody_pdf(custody_facts(60), edition()))

    for page in made:
        assert "Signed “released” by Tor Bergström, 2026-03-12 12:00:00 UTC: release REL-3NQ7X2KD" in page
        assert "Signed “reviewed” by Dr Ingrid Łukasiewicz-Núñez" in page


def test_more_signatures_than_a_page_can_carry_are_counted_on_it_and_all_listed():
    many = tuple(
        replace(signatures()[0], printed_name=f"Signer {number}", signed_at=NOON - hours(number)) for number in range(9)
    )

    made = pages(custody_pdf(custody_facts(signatures=many), edition()))

    assert all("and 5 earlier signatures: see section 5" in page for page in made)
    assert all(f"Signer {number}" in " ".join(made) for number in range(9))


def test_an_unsealed_report_says_so_on_every_page_and_a_sealed_one_names_its_certificate():
    unsealed = pages(custody_pdf(custody_facts(), edition()))
    sealed = pages(custody_pdf(custody_facts(), edition(sealing_certificate_sha256="ab" * 32)))

    assert all("UNSEALED" in page for page in unsealed)
    assert not any("UNSEALED" in page for page in sealed)
    assert all("ab" * 32 in squeezed(page) for page in sealed)


def test_the_data_matrix_on_every_page_decodes_to_number_and_seal():
    facts = custody_facts(30)

    document = pypdfium2.PdfDocument(custody_pdf(facts, edition()))
    codes = [_data_matrix(page) for page in document]
    document.close()

    assert len(codes) > 2
    assert set(codes) == {f"{facts.head.number}:{facts.head.seal}"}


def _data_matrix(page):
    image = page.render(scale=4).to_pil()
    corner = image.crop((int(image.width * 0.75), 0, image.width, int(image.height * 110 / PAGE_HEIGHT)))
    found = zxingcpp.read_barcode(corner, formats=zxingcpp.BarcodeFormat.DataMatrix)
    return found.text if found else None


def test_the_data_is_attached_as_canonical_json_and_comes_back_as_it_went_in():
    facts = custody_facts(0, entries=(entry(1, reason="漢字 \u202e <b>"),))

    pdf = custody_pdf(facts, edition())

    assert embedded_text(pdf, name="custody.json") == custody_record(facts, edition())
    attached = pypdf.PdfReader(BytesIO(pdf)).attachments["custody.json"][0]
    assert json.loads(attached)["facts"]["entries"][0]["reason"] == "漢字 \u202e <b>"


@pytest.mark.parametrize("content", [b"", b"not a PDF", b"%PDF-1.4\n%%EOF"])
def test_a_file_without_the_data_is_refused_by_name(content):
    with pytest.raises(EmbeddedTextUnreadable):
        embedded_text(content, name="custody.json")


def test_an_attachment_that_is_not_there_is_refused_by_name():
    with pytest.raises(EmbeddedTextUnreadable):
        embedded_text(custody_pdf(custody_facts(), edition()), name="other.json")


def test_markup_is_printed_and_never_obeyed():
    hostile = "<b>bold</b> <img src='/etc/passwd'/> &amp; <a href='x'>"

    printed = text(custody_pdf(custody_facts(0, entries=(entry(1, reason=hostile),)), edition()))

    assert squeezed(hostile) in squeezed(printed)
    assert "root:" not in printed


def test_what_the_typefaces_lack_or_what_would_deceive_the_eye_is_shown_as_its_code_point():
    printed = text(custody_pdf(custody_facts(0, entries=(entry(1, reason="漢 a\u202eb\u0000c → ✓ ≥ Ł"),)), edition()))

    assert "[U+6F22] a[U+202E]b[U+0000]c → ✓ ≥ Ł" in printed


def test_a_reason_longer_than_a_page_goes_on_over_the_pages_and_loses_nothing():
    words = " ".join(f"word{number}" for number in range(4000))
    tale = f"{words} {'unbroken' * 800} end."

    made = custody_pdf(custody_facts(0, entries=(entry(1, reason=tale), entry(2))), edition())

    printed = _without_furniture(made)
    assert squeezed(tale) in printed
    assert "continued" in " ".join(pages(made))


def _without_furniture(pdf):
    """Return the words of the pages' own content, heads of tables and remarks on breaks left out."""
    own = [page.extract_text().split("MARK", 1)[0] for page in pypdf.PdfReader(BytesIO(pdf)).pages]
    words = squeezed(" ".join(own))
    furniture = squeezed(pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text().split("Page", 1)[0])
    words = words.replace(furniture, "")
    words = re.sub(r"Page\d+of\d+", "", words)
    for remark in (
        "continuesonthenextpage",
        "EntryRecordedPersonandplaceEventandsubjectsOld→new,andreason",
        "1continued",
    ):
        words = words.replace(remark, "")
    return words


def test_nothing_is_drawn_outside_the_margins_however_long_the_words_are():
    long = "M" * 200
    facts = custody_facts(
        0,
        bank=f"Bank {long}",
        entries=(entry(1, printed_name=long, place=long, kind=long, subjects=(long,), reason=long),),
        unit=unit_identity(place=long, identifiers=(long,), holds=(long,)),
        signatures=(replace(signatures()[0], printed_name=long, about=long),),
    )

    document = pypdfium2.PdfDocument(custody_pdf(facts, edition(generated_by=long)))
    boxes = [box for page in document for box in _text_boxes(page)]
    document.close()

    assert boxes
    assert min(left for left, _, _, _ in boxes) >= 38
    assert max(right for _, _, right, _ in boxes) <= 595.3 - 46
    assert min(bottom for _, bottom, _, _ in boxes) >= 20


def _text_boxes(page):
    words = page.get_textpage()
    return [words.get_rect(index) for index in range(words.count_rects())]


def test_an_amended_entry_and_an_amended_result_say_by_what_and_a_clean_chain_says_that_it_is():
    amended = custody_facts(0, entries=(entry(1, amended="by entry 7: typed into the wrong row"),))
    clean = custody_facts(results=())

    assert "Amended since entry: by entry 7: typed into the wrong row" in text(custody_pdf(amended, edition()))
    assert "Amended since entry: corrected from 19.2 by entry 9" in text(custody_pdf(custody_facts(), edition()))
    assert "No entry has been amended since it was entered." in text(custody_pdf(clean, edition()))


def test_a_unit_of_which_nothing_is_known_yet_still_gives_a_whole_document():
    bare = custody_facts(
        0,
        donors=(),
        lineage=(),
        eligibility=(),
        results=(),
        signatures=(),
        shipments=(),
        specification="",
        ledger_key_sha256="",
        unit=unit_identity(din="", din_printed="TUBE-7", din_check="", amounts=(), holds=(), place="", expires=""),
    )

    printed = text(custody_pdf(bare, edition()))

    for words in (
        "No lineage is recorded",
        "No donor is recorded",
        "has not been determined",
        "No result is recorded",
        "Nothing about this unit has been signed",
        "has not been shipped",
        "The ledger holds no entry about this unit",
        "Signatures: none.",
        "check character none",
    ):
        assert words in printed


def test_results_show_their_limit_their_verdict_and_who_has_not_verified_them():
    printed = text(custody_pdf(custody_facts(results=results()), edition()))

    assert "1 420 000 000 cells" in printed
    assert "≥ 85" in printed
    assert "not verified" in printed


def test_donors_stand_by_code_and_the_document_tells_the_offline_steps():
    printed = text(custody_pdf(custody_facts(), edition()))

    assert donors()[0].donor_code in printed
    assert "python verify_ledger.py A999926000123S1234VA0.jsonl --key PUBLIC_KEY_FILE" in printed


def test_each_limit_says_how_far_it_can_be_relied_on_and_every_source_is_told_once():
    rows = (*results(), replace(results()[0], assay="CD34+ cells"))

    said = text(custody_pdf(replace(custody_facts(), results=rows), edition()))

    assert said.count("labels of licensed products") == 1
    assert "Limits marked “seen” were read in their source: labels of licensed products." in said
    assert "Limits marked “general” are common knowledge of the field, not verified" in said
    assert "marked “bank”" not in said


def test_results_without_a_marked_limit_name_no_source():
    rows = tuple(replace(each, limit_mark="", limit_source="") for each in results())

    assert "Limits marked" not in text(custody_pdf(replace(custody_facts(), results=rows), edition()))
