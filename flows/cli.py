"""The command line: parses, calls, prints; what a command needs is imported when it runs."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flows import __version__
from flows.completion import IDS, SHELLS, completion_script, list_ids
from flows.errors import FlowsError, UnknownNameError, describe_os_error
from flows.examples import add_examples
from flows.fetch.arguments import add_fetch_arguments
from flows.pipeline.arguments import (
    Parser,
    add_add_arguments,
    add_build_arguments,
    add_bundle_arguments,
    add_check_arguments,
    add_cite_arguments,
    add_convert_arguments,
    add_describe_arguments,
    add_diff_arguments,
    add_fill_arguments,
    add_new_arguments,
    add_profile_arguments,
    add_screen_arguments,
    add_trace_arguments,
    add_verify_arguments,
)
from flows.pipeline.publish import find_project
from flows.report.appendices import find_appendices, find_appendix
from flows.safe_text import safe_json, say, show_controls
from flows.sources import read_catalogue
from flows.stops import code_of, stoppable

DONE, FAULT, USAGE = 0, 1, 2

_WIDE = 200
"""Characters in a line of a table that goes into a file or a pipe."""

_ABOUT = "Trade and arms-transfer statistics, from raw files to a report that rebuilds."
_CODES = "Exit codes: 0 done; 1 data or result are not as they should be; 2 wrong usage."


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.

    Returns
    -------
    int
        Exit code: 0 done; 1 data or result are not as they should be; 2 a name that does not
        exist; 130 interrupted.

    Raises
    ------
    SystemExit
        With code 2 if the arguments are wrong, with code 0 after ``--help`` and ``--version``.

    Examples
    --------
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    options = _parser().parse_args(arguments)
    try:
        with stoppable():
            code: int = options.run(options)
            sys.stdout.flush()
    except UnknownNameError as error:
        return _fail(USAGE, error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (FlowsError, OSError) as error:
        return _fail(FAULT, error)
    except KeyboardInterrupt as stop:
        return _fail(
            code_of(stop), f"interrupted; {str(stop) or 'what was there before is as it was'}"
        )
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser("flows", description=_ABOUT, epilog=_CODES)
    parser.add_argument("--version", action="version", version=f"flows {__version__}")
    parser.add_argument("--root", type=Path, help="folder of the project; found upward by default")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(run.__name__.strip("_"), help=about, description=f"{about}.")
        added.set_defaults(run=run)
        return added

    add_new_arguments(
        command(_new, "make a project, or an appendix of one, from a question and downloads")
    )
    build = command(_build, "make the report; unchanged steps are skipped")
    add_build_arguments(build)
    shown = command(_open, "open the report in the browser")
    shown.add_argument("appendix", nargs="?", metavar="APPENDIX", help="which; reports by default")
    completion = command(_completion, "print what lets a shell complete commands, options and ids")
    completion.add_argument("shell", choices=(*SHELLS, *IDS), help="a shell, or which ids")
    check = command(_check, "check the raw files: hashes, terms, totals, names; and licences")
    add_check_arguments(check)
    verify = command(
        _verify, "make the report again elsewhere and compare it with the committed one"
    )
    add_verify_arguments(verify)
    bundle = command(_bundle, "write an appendix with everything behind it, to be handed on")
    add_bundle_arguments(bundle)
    add_fill_arguments(command(_fill, "put the numbers of the report into a manuscript"))
    trace = command(_trace, "follow a number back to the lines of the raw files")
    add_trace_arguments(trace)
    claims = command(_claims, "hold published sentences against the numbers of the report")
    for each in (build, claims):
        each.add_argument("appendices", nargs="*", metavar="APPENDIX", help="which; all by default")
    add_cite_arguments(command(_cite, "print how software, appendix and data sets are cited"))
    profile = command(_profile, "tell everything that the data state about two countries")
    add_profile_arguments(profile)
    catalogue = command(_list, "list the data sets")
    catalogue.add_argument("--layouts", action="store_true", help="the layouts that can be loaded")
    add_add_arguments(command(_add, "put files into the catalogue, with a source.toml to complete"))
    add_fetch_arguments(
        command(_fetch, "fetch published files into the catalogue, as a new vintage")
    )
    describe = command(_describe, "propose how to read a table of a statistics office")
    add_describe_arguments(describe)
    diff = command(_diff, "compare two vintages, and what the new one would do to the reports")
    add_diff_arguments(diff)
    convert = command(_convert, "write files as Parquet: the flow table, or sums of it")
    add_convert_arguments(convert)
    screened = command(_screen, "estimate every series of files at once: growth, breaks, shares")
    add_screen_arguments(screened)
    add_examples(commands.choices)
    for readable in (
        check,
        verify,
        bundle,
        trace,
        claims,
        profile,
        catalogue,
        diff,
        convert,
        screened,
    ):
        readable.add_argument("--json", action="store_true", help="print JSON for programs")
    return parser


def _new(options: argparse.Namespace) -> int:
    from flows.pipeline.new.project import Question, find_project, new_appendix, new_project

    folder, files, today = options.folder, options.files, datetime.now(UTC).date()
    question = Question(options.arms, options.trade, options.through, options.window)
    with _progress() as announce:
        announce("reading the files")
        if project := find_project(folder, options.root):
            made = new_appendix(project, folder, question, files, today=today)
        else:
            made = new_project(folder, question, files, today=today)
    say("\n".join(made.in_words()))
    return DONE


def _build(options: argparse.Namespace) -> int:
    if not options.watch:
        return _build_once(options)
    from flows.pipeline.watch import changes

    options.root = root = find_project(options.root)
    try:
        _build_and_say(options)
        for changed in changes(root):
            say(f"changed: {', '.join(changed)}")
            _build_and_say(options)
    except KeyboardInterrupt:
        say("no longer watching")
    return DONE


def _build_and_say(options: argparse.Namespace) -> None:
    """Build once; a fault is said and the next change waited for."""
    try:
        _build_once(options)
    except (FlowsError, UnknownNameError, OSError) as error:
        _fail(FAULT, error)
    sys.stdout.flush()


def _open(options: argparse.Namespace) -> int:
    import webbrowser

    root = find_project(options.root)
    page = root / find_appendix(root, options.appendix).page
    if not page.is_file():
        return _fail(FAULT, f"expected a report at {page}, found none; flows build makes it")
    say(page)
    if sys.stdout.isatty() and not webbrowser.open(page.as_uri()):
        say("no browser here; open the file above")
    return DONE


def _completion(options: argparse.Namespace) -> int:
    if options.shell in SHELLS:
        say(completion_script(_parser(), options.shell), end="")
        return DONE
    say("\n".join(list_ids(find_project(options.root), options.shell)))
    return DONE


def _build_once(options: argparse.Namespace) -> int:
    from flows.pipeline.build import build_report

    with _progress() as announce:
        done = build_report(
            find_project(options.root),
            appendices=options.appendices,
            only=options.only,
            force=options.force,
            out=options.out,
            jobs=options.jobs,
            announce=announce,
        )
    say(done.summary())
    if options.only and done.written:
        say("the manifest is still that of the last whole build")
    return DONE


def _check(options: argparse.Namespace) -> int:
    from flows.pipeline.check import check_asked

    with _progress() as announce:
        found = check_asked(options, announce=announce)
    _print(found.content, found.lines, as_json=options.json)
    return FAULT if found.faulty else DONE


def _bundle(options: argparse.Namespace) -> int:
    from flows.pipeline.bundles.write import bundle_appendix

    root = find_project(options.root)
    done = bundle_appendix(root, find_appendix(root, options.appendix), options.out)
    _print(asdict(done), [done.summary()], as_json=options.json)
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from flows.pipeline.bundles.verify import is_bundle
    from flows.pipeline.measured import measure_reports
    from flows.pipeline.verify import verify_reports

    if any(map(is_bundle, options.appendices)):
        if options.measure:
            return _fail(USAGE, "expected an appendix beside --measure, found a bundle")
        return _verify_bundles(options)
    if options.data or options.hashes:
        return _fail(USAGE, "expected a bundle, a folder or zip archive, beside --data or --hashes")
    with _progress() as announce:
        measure = partial(measure_reports, today=datetime.now(tz=UTC).date())
        verify = measure if options.measure else verify_reports
        verified = verify(find_project(options.root), options.appendices, announce=announce)
    if options.json:
        _print_each({name: report.to_json() for name, report in verified.items()})
    else:
        for name, report in verified.items():
            say(f"{name}: {report.summary()}" if len(verified) > 1 else report.summary())
    return FAULT if "different" in {report.verdict for report in verified.values()} else DONE


def _verify_bundles(options: argparse.Namespace) -> int:
    from flows.pipeline.bundles.verify import verify_bundle

    with _progress() as announce:
        verified = {
            name: verify_bundle(
                Path(name), data=options.data, rebuild=not options.hashes, announce=announce
            )
            for name in options.appendices
        }
    if options.json:
        _print_each({name: bundle.to_json() for name, bundle in verified.items()})
    else:
        say("\n\n".join(bundle.summary() for bundle in verified.values()))
    return FAULT if "different" in {bundle.verdict for bundle in verified.values()} else DONE


def _fill(options: argparse.Namespace) -> int:
    from flows.report.manuscripts.fill import check_manuscript, fill_manuscript

    root, path, appendix = find_project(options.root), options.manuscript, options.appendix
    if options.check:
        faults = check_manuscript(root, path, appendix=appendix)
        say("\n".join(faults) or f"{path}: as the report has it")
        return FAULT if faults else DONE
    say("\n".join(fill_manuscript(root, path, out=options.out, appendix=appendix).in_words()))
    return DONE


def _trace(options: argparse.Namespace) -> int:
    from flows.pipeline.trace import describe_trace, trace_number
    from flows.report.evidence import number_code

    trace = trace_number(find_project(options.root), options.number)
    words = number_code(trace.number) if options.code else describe_trace(trace)
    _print(asdict(trace), words, as_json=options.json)
    return DONE


def _claims(options: argparse.Namespace) -> int:
    from flows.pipeline.claims_verdicts import check_report_claims, claims_json, describe_claims

    root = find_project(options.root)
    appendices = find_appendices(root, options.appendices)
    having = [own for own in appendices if (root / own.claims).is_file()] or appendices
    checked = {own.name: check_report_claims(root, own) for own in having}
    if options.json:
        _print_each({name: claims_json(claims) for name, claims in checked.items()})
    else:
        for name, claims in checked.items():
            heading = [f"# {name}"] if len(checked) > 1 else []
            say("\n".join([*heading, *describe_claims(claims)]))
    return DONE


def _cite(options: argparse.Namespace) -> int:
    from flows.pipeline.cite import find_references
    from flows.report.deposit.styles import format_references

    references = find_references(options.names, options.root, with_data=options.all)
    say(format_references(references, options.style))
    return DONE


def _profile(options: argparse.Namespace) -> int:
    from flows.pipeline.profile import print_profile, profile_json, profile_pair, write_profile

    with _progress() as announce:
        announce("reading the data")
        profile = profile_pair(
            exporter=options.exporter,
            importer=options.importer,
            files=options.data,
            layout=options.layout,
            root=options.root if options.data else find_project(options.root),
        )
    if options.json:
        _print_json(profile_json(profile))
    elif options.out is None:
        print_profile(profile, width=None if sys.stdout.isatty() else _WIDE)
    if options.out is not None:
        write_profile(profile, options.out)
    return DONE


def _list(options: argparse.Namespace) -> int:
    if options.layouts:
        return _list_layouts(options)
    from flows.pipeline.contents import list_contents

    root = find_project(options.root)
    sources, faults = read_catalogue(root)
    with _progress() as announce:
        entries = list_contents(root, sources, announce=announce)
    for fault in faults:
        say(f"error: {fault}", error=True)
    lines = (line for entry in entries for line in entry.in_words())
    _print([entry.to_json() for entry in entries], lines, as_json=options.json)
    return FAULT if faults or any(entry.fault for entry in entries) else DONE


def _list_layouts(options: argparse.Namespace) -> int:
    from flows.loaders.known import layouts
    from flows.pipeline.contents import describe_layouts

    _print(layouts().to_dict("records"), describe_layouts(), as_json=options.json)
    return DONE


def _add(options: argparse.Namespace) -> int:
    from flows.pipeline.add import add_files

    source = add_files(
        find_project(options.root), options.files, name=options.id, description=options.description
    )
    say(f"{source.folder / 'source.toml'}: complete {', '.join(source.incomplete)}")
    return DONE


def _fetch(options: argparse.Namespace) -> int:
    from flows.fetch.asked import describe_asked, fetch_asked

    root = find_project(options.root)
    if options.dry_run:
        say("\n".join(describe_asked(root, options)))
        return DONE
    try:
        with _progress() as announce:
            done = fetch_asked(root, options, announce=announce)
    except KeyboardInterrupt as stop:
        return _fail(
            code_of(stop), "interrupted; what has come is kept: run the same command again"
        )
    _print({**asdict(done), "folder": str(done.folder)}, done.in_words(), as_json=options.json)
    return DONE


def _describe(options: argparse.Namespace) -> int:
    from flows.files import write_new_file
    from flows.loaders.proposals import propose_description, try_description

    proposal = propose_description(options.file, sheet=options.sheet)
    if options.out is None:
        say(proposal.to_toml(), end="")
        return DONE
    write_new_file(options.out, proposal.to_toml())
    say(f"{options.out}: {len(proposal.unsure)} things to decide: {', '.join(proposal.unsure)}")
    say(try_description(options.file, options.out))
    return DONE


def _diff(options: argparse.Namespace) -> int:
    from flows.pipeline.diff import describe_diff, diff_json, diff_vintages

    diff = diff_vintages(options.old, options.new, root=options.root, common=options.common)
    if options.json:
        _print_json(diff_json(diff, most=options.most))
    else:
        say("\n".join(describe_diff(diff, most=options.most)))
    return DONE


def _convert(options: argparse.Namespace) -> int:
    from flows.bulk import choose_allocator

    choose_allocator()
    from flows.bulk.convert import convert, describe_conversion
    from flows.bulk.engines import MEMORY_LIMIT

    with _progress() as announce:
        announce(f"converting to {options.out}")
        done = convert(
            options.files,
            options.out,
            engine=options.engine,
            by=options.by.split(",") if options.by else (),
            layout=options.layout,
            memory_limit=options.memory or MEMORY_LIMIT,
        )
    _print(asdict(done), describe_conversion(done, options.out), as_json=options.json)
    return DONE


def _screen(options: argparse.Namespace) -> int:
    from flows.pipeline.screen import screen_asked

    with _progress() as announce:
        announce("reading the data")
        done = screen_asked(options)
    _print(done.content, done.lines, as_json=options.json)
    return DONE


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show which step runs, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    from flows.progress import silent

    with silent(), Console(stderr=True).status("starting") as status:
        yield lambda step: status.update(Text(show_controls(step)))


def _print(content: object, words: Iterable[str], *, as_json: bool) -> None:
    """Print JSON for a program, or lines for a person."""
    if as_json:
        _print_json(content)
    else:
        say("\n".join(words))


def _print_json(content: object) -> None:
    say(safe_json(content, indent=2))


def _print_each(by_appendix: Mapping[str, object]) -> None:
    """Print what is said of one appendix, or of several by their names."""
    _print_json(by_appendix if len(by_appendix) > 1 else next(iter(by_appendix.values())))


def _fail(code: int, error: object) -> int:
    words = describe_os_error(error) if isinstance(error, OSError) else error
    say(f"error: {words}", error=True)
    return code
