"""What a deposit says of itself: valid, complete, the same bytes again, nothing that may not go."""

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from jsonschema import Draft7Validator
from toy_project import built_project, edit, raw_file

from flows.errors import ReportError
from flows.pipeline.deposit import deposit_files, read_deposit
from flows.report.appendices import Appendix
from flows.report.deposit.content import Exhibit
from flows.report.deposit.metadata import codecheck_gaps, codecheck_yml
from flows.report.deposit.reference import Author, Reference, is_orcid

SCHEMAS = Path(__file__).parent / "schemas"
RAW = "data/raw/armstat-by-country/2025-02/armstat.csv"
TABLE = "data/processed/armstat-by-country@2025-02.parquet"
FRONT = """---
title: "{{ word('a') }}"
subtitle: An appendix
author:
  - name: Ann Roe
    family: Roe
    given: Ann
    orcid: 0000-0002-1825-0097
  - A group
address: https://example.org/appendix
keywords: [trade]
---

"""

Graph = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A built project whose text has a front matter; the toy's pages are text."""
    with built_project(tmp_path_factory.mktemp("deposit") / "a project") as root:
        text = root / "reports/appendix.md"
        text.write_text(FRONT + text.read_text(encoding="utf-8"), encoding="utf-8")
        page = "<html><title>Trade &amp; more</title></html>"
        (root / "reports/index.html").write_text(page, encoding="utf-8")
        yield root


@pytest.fixture
def withheld(built: Path) -> Iterator[Path]:
    """The same, whose data set may not be passed on."""
    source = (built / RAW).with_name("source.toml")
    edit(source, "redistribute = true", "redistribute = false")
    yield built
    edit(source, "redistribute = false", "redistribute = true")


def graph_of(root: Path) -> Graph:
    crate = json.loads(deposit_files(root, Appendix())["ro-crate-metadata.json"])
    graph: Graph = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(graph) == len(crate["@graph"]), "no two entities have the same id"
    return graph


def references_in(entity: object) -> Iterator[str]:
    if isinstance(entity, dict):
        if entity.keys() == {"@id"}:
            yield entity["@id"]
        for fact in entity.values():
            yield from references_in(fact)
    elif isinstance(entity, list):
        for fact in entity:
            yield from references_in(fact)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_appendix_gives_the_same_bytes(built: Path) -> None:
    first = deposit_files(built, Appendix())
    assert first == deposit_files(built, Appendix())
    assert not [name for name, text in first.items() if str(built) in text]


def test_the_date_is_that_of_the_newest_data_or_of_the_environment(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_deposit(built, Appendix()).date == "2025-02-25"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert read_deposit(built, Appendix()).date == "2023-11-14"


def test_an_appendix_is_cited_as_its_page_and_front_matter_say(built: Path) -> None:
    appendix = read_deposit(built, Appendix()).appendix
    assert (appendix.title, appendix.link) == ("Trade & more", "https://example.org/appendix")
    assert [author.name for author in appendix.authors] == ["Ann Roe", "A group"]
    assert appendix.hashes == {"manifest.json": sha256(built / "reports/manifest.json")}


def test_the_crate_has_what_its_specification_asks_for(built: Path) -> None:
    graph = graph_of(built)
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert (descriptor["@type"], descriptor["about"]) == ("CreativeWork", {"@id": "./"})
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset"
    assert root["datePublished"] == "2025-02-25"
    assert {"name", "description", "license"} <= root.keys()
    profile = graph[root["conformsTo"]["@id"]]
    assert (profile["@id"], profile["@type"]) == (
        "https://w3id.org/ro/wfrun/process/0.5",
        "CreativeWork",
    )
    known = {*graph, "https://w3id.org/ro/crate/1.1"}
    assert {name for entity in graph.values() for name in references_in(entity)} <= known


def test_every_file_of_the_crate_is_there_with_its_hash(built: Path) -> None:
    graph = graph_of(built)
    files = {name: entity for name, entity in graph.items() if entity["@type"] == "File"}
    assert {part["@id"] for part in graph["./"]["hasPart"]} == files.keys()
    assert {RAW, TABLE, "reports/tables/trade-total.csv"} <= files.keys()
    changed = {"reports/appendix.md", "reports/index.html"}
    for name in files.keys() - changed:
        assert files[name]["sha256"] == sha256(built / name)


def test_each_exhibit_has_one_action(built: Path) -> None:
    graph = graph_of(built)
    exhibits = read_deposit(built, Appendix()).exhibits
    actions = {name: entity for name, entity in graph.items() if entity["@type"] == "CreateAction"}
    assert [part["@id"] for part in graph["./"]["mentions"]] == list(actions)
    assert len(actions) == len(exhibits) == 4
    figure = actions["#make-figure-trade-by-year"]
    assert figure["description"] == "flows build --only trade-by-year"
    software = graph[figure["instrument"]["@id"]]
    assert software["@type"] == "SoftwareApplication"
    assert software["author"].keys() == {"@id"}, "one author is no list"
    assert len(graph["./"]["author"]) == 2
    assert {"@id": RAW} in figure["object"]
    assert {"@id": "reports/appendix.toml"} in figure["object"]
    assert {"@id": "reports/figures/trade-by-year.pdf"} in figure["result"]
    assert all(action["result"] for action in actions.values())


def test_what_may_not_be_passed_on_is_named_and_not_shipped(withheld: Path) -> None:
    graph = graph_of(withheld)
    assert not {RAW, TABLE} & graph.keys()
    raw = graph[f"#{RAW}"]
    assert (raw["@type"], raw["sha256"]) == ("CreativeWork", sha256(withheld / RAW))
    assert "Not in this folder: Everything." in raw["description"]
    assert {"@id": f"#{RAW}"} in graph["#make-figure-trade-by-year"]["object"]
    package = json.loads(deposit_files(withheld, Appendix())["data/processed/datapackage.json"])
    assert package["resources"] == []


def test_the_hashes_before_and_after_the_run(withheld: Path) -> None:
    (tro,) = json.loads(deposit_files(withheld, Appendix())["tro.jsonld"])["@graph"]
    composition = tro["trov:hasComposition"]
    hashes = {
        artifact["@id"]: artifact["trov:hash"]["trov:hashValue"]
        for artifact in composition["trov:hasArtifact"]
    }
    before, after = (
        {
            location["trov:path"]: hashes[location["trov:artifact"]["@id"]]
            for location in arrangement["trov:hasArtifactLocation"]
        }
        for arrangement in tro["trov:hasArrangement"]
    )
    assert before.items() < after.items()
    assert before[RAW] == sha256(withheld / RAW), (
        "data that are not shipped are bound by their hash"
    )
    assert after[TABLE] == sha256(withheld / TABLE)
    assert not [name for name in before if name.startswith(("data/processed", "reports/figures"))]
    joined = "".join(sorted(hashes.values()))
    fingerprint = composition["trov:hasFingerprint"]["trov:hash"]["trov:hashValue"]
    assert fingerprint == hashlib.sha256(joined.encode()).hexdigest()
    assert tro["schema:dateCreated"] == "2025-02-25T00:00:00+00:00"
    (performance,) = tro["trov:hasPerformance"]
    assert performance["trov:accessedArrangement"]["trov:arrangement"] == {"@id": "arrangement/0"}


def test_the_data_package_keeps_to_its_schema_and_explains_every_column(built: Path) -> None:
    package = json.loads(deposit_files(built, Appendix())["data/processed/datapackage.json"])
    schema = json.loads((SCHEMAS / "datapackage-2.0.json").read_text("utf-8"))
    assert not list(Draft7Validator(schema).iter_errors(package))
    (resource,) = package["resources"]
    fields = resource["schema"]["fields"]
    assert [field["name"] for field in fields] == list(pd.read_parquet(built / TABLE).columns)
    assert all(field["description"] for field in fields)
    assert next(field for field in fields if field["name"] == "value")["unit"]


def test_the_codebook_has_every_column_once(built: Path) -> None:
    files = deposit_files(built, Appendix())
    codebook = pd.read_csv(io.StringIO(files["codebook.csv"]), keep_default_na=False)
    assert not codebook.duplicated(["file", "variable"]).any()
    columns = {
        file: list(pd.read_csv(built / file, nrows=0).columns)
        for file in ("reports/figures/trade-by-year.csv", "reports/tables/trade-total.csv")
    } | {TABLE: list(pd.read_parquet(built / TABLE).columns)}
    assert codebook.groupby("file")["variable"].apply(list).to_dict() == columns
    assert codebook["label"].all()
    basis = codebook.loc[codebook["variable"] == "partner_basis", "values"].item()
    assert "consignment = country from which the goods were sent" in basis
    assert f"## {TABLE}" in files["codebook.md"]


def codecheck_faults(text: str, root: Path) -> set[str]:
    """Return the rules of CODECHECK 2.0 for authors, without network, that are broken."""
    facts = yaml.safe_load(text)
    paper = facts["paper"]
    rules = {
        "CC-CFG-002": text.startswith("---\n"),
        "CC-CFG-004": bool(facts.get("manifest")),
        "CC-CFG-005": all("file" in item for item in facts["manifest"]),
        "CC-CFG-006": not any(Path(item["file"]).is_absolute() for item in facts["manifest"]),
        "CC-CFG-007": all(item.get("comment") for item in facts["manifest"]),
        "CC-CFG-015": facts.get("version") == "https://codecheck.org.uk/spec/config/2.0/",
        "CC-CFG-017": bool(paper.get("title")),
        "CC-CFG-018": bool(paper.get("authors")),
        "CC-CFG-019": all(author.get("name") for author in paper["authors"]),
        "CC-CFG-020": all(author.get("ORCID") for author in paper["authors"]),
        "CC-CFG-021": bool(paper.get("reference")),
        "CC-CFG-023": not any(word in text for word in ("FIXME", "TODO", "XXXXX")),
        "CC-MET-001": all(
            is_orcid(author["ORCID"]) for author in paper["authors"] if "ORCID" in author
        ),
        "CC-BUN-001": all((root / item["file"]).is_file() for item in facts["manifest"]),
    }
    return {rule for rule, kept in rules.items() if not kept}


def test_codecheck_lists_the_outputs_and_leaves_out_what_is_not_known(built: Path) -> None:
    text = deposit_files(built, Appendix())["codecheck.yml"]
    assert codecheck_faults(text, built) == {"CC-CFG-020"}
    assert codecheck_gaps(read_deposit(built, Appendix()).appendix) == ["the ORCID of A group"]
    listed = [item["file"] for item in yaml.safe_load(text)["manifest"]]
    assert {"reports/appendix.pdf", "reports/numbers.json"} < {*listed}


def test_a_placeholder_is_no_fact() -> None:
    draft = Reference("reports", "appendix", "TODO: a title", (Author("Ann Roe"),))
    with pytest.raises(ReportError, match=r"codecheck\.yml: expected no placeholder, found 'TODO'"):
        codecheck_yml(draft, {"reports/appendix.pdf": "Appendix"})


def test_a_report_of_other_data_is_none_of_these(built: Path) -> None:
    source = raw_file(built).with_name("source.toml")
    digest = sha256(raw_file(built))
    edit(source, digest, digest[::-1])
    with pytest.raises(ReportError, match="expected a report made from data/raw/armstat"):
        read_deposit(built, Appendix())
    edit(source, digest[::-1], digest)


def test_a_report_without_page_author_or_table_says_what_to_do(built: Path) -> None:
    page, table = built / "reports/index.html", built / TABLE
    content = page.read_bytes(), table.read_bytes()
    table.unlink()
    with pytest.raises(ReportError, match=r"parquet: expected a table, found none; flows build"):
        read_deposit(built, Appendix())
    table.write_bytes(content[1])
    page.unlink()
    with pytest.raises(ReportError, match=r"index\.html, found none; flows build makes it"):
        read_deposit(built, Appendix())
    page.write_bytes(content[0])
    edit(built / "reports/appendix.md", "author:", "by:")
    with pytest.raises(ReportError, match="expected an author in the front matter, found none"):
        read_deposit(built, Appendix())
    edit(built / "reports/appendix.md", "by:", "author:")
    edit(built / "reports/appendix.md", "1825-0097", "1825-0098")
    with pytest.raises(ReportError, match="expected an ORCID"):
        read_deposit(built, Appendix())
    edit(built / "reports/appendix.md", "1825-0098", "1825-0097")


def test_an_exhibit_is_named_for_readers() -> None:
    assert Exhibit("a-b", "figure", (), ()).name == "figure a-b"
    assert Exhibit("numbers", "numbers", (), ()).name == "numbers"
