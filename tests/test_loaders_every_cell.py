"""Every cell, line and heading of an example counts: a change shows, or is refused."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from flows.errors import FlowsError
from flows.loaders import LAYOUTS, load
from flows.loaders.examples import example_path

NUMBER = re.compile(r"\s*-?[0-9]+(?:\.[0-9]+)?\s*")
DIGITS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
TABLES = sorted(key for key in LAYOUTS if example_path(key).suffix not in {".json", ".xml", ".rtf"})
REPLIES = sorted(key for key in LAYOUTS if example_path(key).suffix == ".json")

OF_NO_ACCOUNT = {
    "atlas": "country_id|partner_country_id|product_id",
    "baci_countries": "iso_2digit_alpha|iso_3digit_alpha",
    "baci_sums": "statements",
    "bls_index": ".*footnote_codes",
    "comex_stat_exports": "CO_UNID|CO_VIA|CO_URF|QT_ESTAT|KG_LIQUIDO",
    "comex_stat_imports": "CO_UNID|CO_VIA|CO_URF|QT_ESTAT|KG_LIQUIDO|VL_.*",
    "comext_bulk": "PRODUCT_(?!NC).*|VALUE_NAC|STAT_PROCEDURE|QUANTITY_SUPPL_UNIT",
    "comext_bulk_former": "PRODUCT_(?!NC).*|DECLARANT|PARTNER",
    "comtrade_legacy": "Year|Period Desc.|Aggregate Level|Is Leaf Code|Alt Qty.*|Qty.*|Flag|"
    "Gross.*|.*ISO|.*Flow|Reporter|Partner|2nd Partner|Customs|Mode of Transport|Commodity",
    "comtrade_legacy_bulk": "Quantity Unit Code|Supplementary Quantity|Estimation Code",
    "comtrade_monthly": "partner",
    "comtrade_v1": "ref.*|is.*|qty.*|altQty.*|aggrLevel|legacyEstimationFlag|freqCode|grossWgt|"
    ".*ISO|.*Desc|classificationSearchCode",
    "cow_trade": "version|importer[12]",
    "desta": "number|base_treaty|consolidated|year|typememb|wto_listed|country.|regioncon|language|"
    "wto_name",
    "ecb_portal": "KEY|FREQ|EXR_SUFFIX|OBS_STATUS|OBS_CONF|TITLE_COMPL|UNIT|UNIT_MULT",
    "eurostat_csv": "LAST UPDATE",
    "eurostat_tsv": "freq",
    "faostat": ".*Code|Item|Partner Countries|Reporter Countries",
    "gleditsch": "ibao|ebao",
    "gravity": "gmt_offset.*",
    "imf_portal": "DATASET|OBS_MEASURE|COUNTRY|INDICATOR|COUNTERPART_COUNTRY|FREQUENCY",
    "imf_sdmx_csv": "STRUCTURE|STRUCTURE_ID|ACTION|SCALE",
    "itpd": ".*_dynamic_code|.*_name|industry_descr|broad_sector",
    "sipri_old_csv": "ldat",
    "tradhist": "FLOW_0|SOURCE_TF|BITARIFF",
    "wits_partner": "No Of.*|Trade Balance.*|AHS.*",
    "wits_product": "Quantity.*|ProductDescription|Product Description",
    "wits_query": "TradeFlowCode",
    "wto_rtas": "RTA ID|Coverage|Notification|.*Signature.*|.*Notification.*|Accession.|Status|"
    ".*omposition|.*egion.*|All Parties.*|.*Consideration.*|.*implementation.*|Remarks|.*Force .S.",
}
"""Columns that say nothing more of the flow table: other measures, numbers of the publisher's own,
other classifications, and names beside codes, which are held against each other elsewhere."""

COVARIATES = ("geodist", "gravity", "usitc_gravity")
"""Of these every column is handed on under the name that it has."""


class Text(NamedTuple):
    """Lines and cells of an example, and where its header is."""

    rows: list[list[str]]
    header: int
    delimiter: str
    encoding: str
    name: str

    def written(self, folder: Path, rows: list[list[str]]) -> Path:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator="\n").writerows(rows)
        path = folder / self.name
        path.write_text(text.getvalue(), encoding=self.encoding, newline="")
        return path


class Outcome(NamedTuple):
    """What came of a file; ``table`` is nothing where it was refused."""

    table: str = ""
    totals: str = ""
    told: tuple[str, ...] = ()

    def beside(self, whole: "Outcome") -> str:
        """Return how it differs from what came of the example."""
        if not self.table:
            return "refused"
        if sorted(self.told) != sorted(whole.told):
            return "told"
        return "same" if (self.table, self.totals) == (whole.table, whole.totals) else "changed"


def outcome(path: Path) -> Outcome:
    try:
        table = load(path)
    except FlowsError:
        return Outcome()
    columns = sorted(table.columns.drop(["dataset", "line"], errors="ignore"))
    named = table[columns].astype("str").replace(r"^line [0-9]+$", "", regex=True)
    cells = named.sort_values(columns).to_csv(index=False)
    scope = json.loads(table.attrs.get("scope", "{}"))
    totals = (
        pd.DataFrame(scope.pop("totals", {})).astype("str").drop(columns="line", errors="ignore")
    )
    printed = totals.sort_values(list(totals)).to_csv(index=False) if len(totals) else ""
    return Outcome(cells, f"{scope}{printed}", tuple(table.attrs["report"]["warnings"]))


def text_of(key: str) -> Text:
    path = example_path(key)
    content = path.read_bytes()
    try:
        text, encoding = content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = content.decode("latin-1"), "latin-1"
    line = LAYOUTS[key].read(path).header_line
    named = text.splitlines()[line - 1]
    delimiter = max("\t;,", key=named.count)
    delimiter = delimiter if delimiter in named else " "
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    starts, rows = [1], []
    for row in reader:
        rows.append(row)
        starts.append(reader.line_num + 1)
    return Text(rows, starts.index(line), delimiter, encoding, path.name)


def other_number(cell: str) -> str:
    """Return a cell with another number of as many digits."""
    match = DIGITS.search(cell)
    assert match is not None
    first = "5" if match[0][0] == "7" else str((int(match[0][0]) + 3) % 10)
    return cell[: match.start()] + first + match[0][1:] + cell[match.end() :]


def counts(key: str, name: str) -> bool:
    return re.fullmatch(OF_NO_ACCOUNT.get(key, ""), name.strip()) is None


def whole_example(folder: Path, key: str) -> tuple[Text, Outcome]:
    text = text_of(key)
    whole = outcome(text.written(folder, text.rows))
    assert whole.table
    return text, whole


@pytest.mark.parametrize("key", TABLES)
def test_every_line_and_every_number_counts(tmp_path: Path, key: str) -> None:
    text, whole = whole_example(tmp_path, key)
    names = text.rows[text.header]
    silent = []
    for at in range(text.header + 1, len(text.rows)):
        row = text.rows[at]
        without = outcome(text.written(tmp_path, text.rows[:at] + text.rows[at + 1 :]))
        if without.table == whole.table and without.totals == whole.totals:
            continue  # a line that is left out, and counted in the report
        for place, (name, cell) in enumerate(zip(names, row, strict=False)):
            if not NUMBER.fullmatch(cell) or not counts(key, name):
                continue
            changed = [*row[:place], other_number(cell), *row[place + 1 :]]
            rows = [*text.rows[:at], changed, *text.rows[at + 1 :]]
            if outcome(text.written(tmp_path, rows)).beside(whole) == "same":
                silent.append((at + 1, name, cell))
    assert silent == []


@pytest.mark.parametrize("key", [key for key in TABLES if key not in COVARIATES])
def test_no_damaged_heading_loses_its_column(tmp_path: Path, key: str) -> None:
    text, whole = whole_example(tmp_path, key)
    names = text.rows[text.header]
    silent = []
    for place, name in enumerate(names):
        if not name.strip() or not counts(key, name):
            continue
        middle = len(name) // 2
        damaged = f"{name[:middle]}{'0' if name[middle] != '0' else 'o'}{name[middle + 1 :]}"
        header = [*names[:place], damaged, *names[place + 1 :]]
        rows = [*text.rows[: text.header], header, *text.rows[text.header + 1 :]]
        came = outcome(text.written(tmp_path, rows)).beside(whole)
        if came not in {"refused", "told"}:
            silent.append((name, damaged, came))
    assert silent == []


@pytest.mark.parametrize("key", TABLES)
def test_columns_in_another_order_are_the_same_table(tmp_path: Path, key: str) -> None:
    text, whole = whole_example(tmp_path, key)
    width = len(text.rows[text.header])
    chance = np.random.default_rng(21)
    for order in (list(range(width))[::-1], chance.permutation(width).tolist()):
        rows = [
            row if at < text.header or len(row) < width else [row[place] for place in order]
            for at, row in enumerate(text.rows)
        ]
        came = outcome(text.written(tmp_path, rows))
        assert came.beside(whole) in {"same", "refused", "told"}
        assert came.table in {"", whole.table}


IN_REPLIES = {
    "comtrade_api": ".*/(refPeriodId|refMonth|legacyEstimationFlag)",
    # The last record is of re-exports, the one before it of the world.
    "comtrade_legacy_api": ".*/(yr|aggrLevel|IsLeaf|estCode|qtCode|TradeQuantity)|"
    ".*/(durationSeconds|periodDesc)|validation/status/.*|dataset/2/.*|dataset/1/NetWeight",
    "imf_compact": "CompactData/Header/.*",
    "imf_sdmx_json": "data/dataSets/0/structure|meta/id",
    "oec": ".*/(HS4 ID|Quantity)",
    # The country has its name; the third and fourth are of groups.
    "us_census": "[0-9]/0|[34]/.*",
}
"""Ways to values of JSON that say nothing more of the flow table."""


def leaves(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every value of JSON that holds no others, and the names that lead to it."""
    for name, part in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(part, dict | list):
            yield from leaves(part, (*way, name))
        else:
            yield (*way, name), part


def with_value(whole: Any, way: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(whole))
    inside = copy
    for name in way[:-1]:
        inside = inside[name]
    inside[way[-1]] = value
    return copy


@pytest.mark.parametrize("key", REPLIES)
def test_every_number_of_a_reply_counts(tmp_path: Path, key: str) -> None:
    reply = json.loads(example_path(key).read_text(encoding="utf-8"))
    path = tmp_path / example_path(key).name
    path.write_text(json.dumps(reply), encoding="utf-8")
    whole = outcome(path)
    assert whole.table
    silent = []
    for way, value in leaves(reply):
        printed = "" if value is None or isinstance(value, bool) else str(value)
        leads = "/".join(map(str, way))
        if not NUMBER.fullmatch(printed) or re.fullmatch(IN_REPLIES.get(key, ""), leads):
            continue
        new = other_number(printed)
        changed = with_value(reply, way, new if isinstance(value, str) else json.loads(new))
        path.write_text(json.dumps(changed), encoding="utf-8")
        if outcome(path).beside(whole) == "same":
            silent.append((way, value))
    assert silent == []


def test_every_number_of_xml_counts(tmp_path: Path) -> None:
    source = example_path("imf_sdmx_xml")
    text = source.read_text(encoding="utf-8")
    whole = outcome(source)
    path = tmp_path / source.name
    silent = []
    for match in re.finditer(r'([A-Z_]+)="([0-9.-]+)"', text):
        changed = f'{match[1]}="{other_number(match[2])}"'
        path.write_text(text[: match.start()] + changed + text[match.end() :], encoding="utf-8")
        if match[1] != "SCALE" and outcome(path).beside(whole) == "same":
            silent.append(match[0])
    assert silent == []
