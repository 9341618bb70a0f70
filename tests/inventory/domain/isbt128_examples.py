"""Contents of every data structure: one written by hand, and all that are well made."""

from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from inventory.domain.blood_group import GROUPS, MESSAGES
from inventory.domain.check_character import check_value
from inventory.domain.date_code import encode_date
from inventory.domain.infection_marker import Marker, MarkerResult, encode_markers
from inventory.domain.isbt128 import DataStructure
from inventory.domain.product_code import COLLECTION_TYPES

# ICCBBA ST-012 v1.4.0, section 6.2.
PUBLISHED = "=+05000=Z54991712345600=%T300=<T0416003&>0183652359&,4PL001499Z549917123456A00T041600320181231"

EXAMPLES = {
    "001": "=G12349865432177",
    "002": "=%5100",
    "003": "=<S12954A0",
    "004": "=>026073",
    "005": "&>0183652359",
    "006": "=*024366",
    "007": "&*0250010000",
    "008": "=}998365",
    "009": "&}0260731430",
    "010": "&(N0008",
    "011": "={999999999999999900",
    "012": "=\\999999999999999900",
    "013": "&\\123456789012345678",
    "014": "&{020407449999999902",
    "015": "=[0101020107020801LM",
    "016": '="03010401MMMMMMMMMM',
    "017": "=)2XX00AB123",
    "018": "&)00001234rZ",
    "019": "=;A99990000222244445555",
    "020": "='A999900395A",
    "021": "=-XX00027QzE",
    "022": "&-00001234rZ",
    "024": "=#0120260314",
    "025": "&#0105AB12z",
    "026": "=]202612",
    "027": '&"321415000000000000',
    "028": "=$A999917123450102",
    "029": "&$020100020012510002000300450200",
    "030": "&%0010040010101",
    "031": "=(1001202603141430",
    "032": "=,000027",
    "033": "&+A9999AB3456",
    "034": "=/A9997AB3456T0123",
    "035": "&,10000000000005434RZ",
    "036": "&,2000000000000001234",
    "037": "&,31234ABCDEFGHIJKLMNO",
    "038": "&,4PL001499Z549917123456A00T041600320181231",
    "039": "&:1234ABCDEFGHIJKLM" + f"{check_value('1234ABCDEFGHIJKLM'):02d}",
    "040": "&/CHA999918AB12CD",
}

FACILITY = "[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}"


def _like(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(rf"\A{pattern}\Z", fullmatch=True)


def _repeated(digits: int, pattern: str) -> st.SearchStrategy[str]:
    return st.lists(_like(pattern), max_size=9).map(lambda each: f"{len(each):0{digits}d}{''.join(each)}")


days = st.dates(min_value=date(1900, 1, 1), max_value=date(2899, 12, 31))
minutes = st.builds(
    lambda day, minute: datetime(day.year, day.month, day.day) + timedelta(minutes=minute),  # noqa: DTZ001 - no zone
    days,
    st.integers(min_value=0, max_value=1439),
)
calendar_days = st.dates().map(lambda day: f"{day.year:04d}{day:%m%d}")
clock = _like("([01][0-9]|2[0-3])[0-5][0-9]")
patients = st.text("ABCXYZabcxyz0189", min_size=1, max_size=99)

CONTENTS: dict[str, st.SearchStrategy[str]] = {
    "=": _like(FACILITY + "[0-9]{8}").flatmap(
        lambda din: st.sampled_from(["00", "07", "20", "97", "A0", "VY", str(60 + check_value(din))]).map(
            lambda flags: din + flags
        )
    ),
    "=%": st.builds(
        lambda code, r: f"{code}{r}0", st.sampled_from([*GROUPS, *MESSAGES, "D6", "G0", "A1"]), _like("[0-9A-Z]")
    ),
    "=<": st.one_of(
        st.builds(
            lambda code, t, ds: code + t + ds,
            _like("([EFHSP][0-9]{4}|X0[0-9]{3}|Y[A-Z][0-9]{3})"),
            st.sampled_from([*COLLECTION_TYPES]),
            _like("(00|99|[A-Z][a-z0])"),
        ),
        _like("([MNRTVW][0-9]{7}|X[1-9][0-9]{3}000|[A-D][0-9A-Z]{4}[0-9A-Za-z]{3})"),
    ),
    **dict.fromkeys(["=>", "=*", "=}"], days.map(encode_date)),
    **dict.fromkeys(["&>", "&*", "&}"], minutes.map(encode_date)),
    "&(": _like("[A-Z0-9]{5}"),
    **dict.fromkeys(["=\\", "&\\", "&{"], _like("[0-9]{18}")),
    "=)": _like("[A-Za-z0-9][A-Z0-9]{2}[A-Za-z0-9]{7}"),
    **dict.fromkeys(["&)", "&-"], _like("[A-Za-z0-9]{10}")),
    "=;": _like(FACILITY + "[0-9]{16}"),
    "='": _like(FACILITY + "[A-Z0-9]{6}"),
    "=-": _like("[A-Z0-9]{2}[A-Za-z0-9]{8}"),
    "=#": st.builds(lambda place, day: place + day, _like("[0-9]{2}"), calendar_days),
    "&#": st.builds(lambda place, patient: f"{place}{len(patient):02d}{patient}", _like("[0-9]{2}"), patients),
    "=]": _like("[0-9]{4}(0[1-9]|1[0-2])"),
    '&"': st.dictionaries(st.sampled_from(Marker), st.sampled_from(MarkerResult)).map(encode_markers),
    "=$": st.builds(
        lambda start, box, more: f"{start}{box:02d}{box + more:02d}",
        _like(FACILITY + "[0-9]{7}"),
        st.integers(0, 49),
        st.integers(0, 50),
    ),
    "&$": _repeated(2, "[0-9]{12}00"),
    "&%": _repeated(3, "[0-9]{10}"),
    "=(": st.builds(
        lambda zone, of, day, at: f"{zone}0{of}{day}{at}", st.sampled_from("12"), _like("0[1-6]"), calendar_days, clock
    ),
    "=,": _like("[A-Z0-9]{6}"),
    "&+": _like("[A-NP-Z0-9]{5}[A-Z0-9]{6}"),
    "=/": _like("[A-NP-Z0-9]{5}[A-Z0-9]{11}"),
    **dict.fromkeys(["={", "=[", '="'], _like("[A-Za-z0-9]{18}")),
    "&,3": _like("[A-Za-z0-9]{19}"),
    **dict.fromkeys(["&,1", "&,2"], _like("[A-Z0-9]{18}")),
    "&,4": st.builds(
        lambda code, day: code + day,
        _like("[A-Z]{2}[A-Z0-9]{19}(A00[A-Z][A-Z0-9]{4}|[BE][A-Z0-9]{7})[A-Za-z0-9]{3}"),
        st.one_of(calendar_days, st.just("00000000")),
    ),
    "&:": _like("[1-9][0-9]{3}[A-Z0-9]{13}").map(lambda body: f"{body}{check_value(body):02d}"),
    "&/": _like("CH" + FACILITY + "[0-9]{2}[A-Z0-9]{6}"),
}

structures = st.sampled_from([*CONTENTS]).flatmap(
    lambda identifier: CONTENTS[identifier].map(lambda content: DataStructure(identifier, content))
)
