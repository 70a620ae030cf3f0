"""Completion of the command line by a shell, read off the parser: it knows every command."""

# ruff: noqa: SLF001 - argparse has no other way to ask a parser what it takes

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from flows.notation import parse_json
from flows.report.appendices import list_appendices
from flows.sources import read_catalogue

Shell = Literal["bash", "zsh", "fish"]
Ids = Literal["appendices", "data-sets", "numbers"]

SHELLS: tuple[Shell, ...] = get_args(Shell)
IDS: tuple[Ids, ...] = get_args(Ids)
"""What a script asks the command for when a key is pressed, one a line."""

_IDS_OF: Mapping[str, Ids] = {
    "APPENDIX": "appendices",
    "NUMBER": "numbers",
    "OLD": "data-sets",
    "NEW": "data-sets",
}
"""What stands for an id in the help of a command."""


@dataclass(frozen=True, slots=True)
class _Option:
    """Names of an option, its help, whether a value follows, and which there are."""

    names: tuple[str, ...]
    about: str
    takes_value: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Command:
    """A command: what it takes besides options, words or ids; files where both are empty."""

    name: str
    about: str
    options: tuple[_Option, ...]
    words: tuple[str, ...]
    ids: Ids | None


_PLAIN = re.compile(r"[\w.@:-]+")
"""An id that a shell takes for a word and nothing else."""


def list_ids(root: Path, ids: Ids) -> list[str]:
    """
    Return what exists in a project; of a number that several appendices have, each of them.

    Ids come from files of a project that may be a stranger's: what a shell could take for more than
    a word is left out.
    """
    return [name for name in _every_id(root, ids) if _PLAIN.fullmatch(name)]


def _every_id(root: Path, ids: Ids) -> list[str]:
    if ids == "data-sets":
        return [source.id for source in read_catalogue(root)[0]]
    appendices = list_appendices(root)
    if ids == "appendices":
        return [appendix.name for appendix in appendices]
    numbers = {appendix.name: _numbers_in(root / appendix.numbers) for appendix in appendices}
    often = Counter(number for having in numbers.values() for number in having)
    return [
        number if often[number] == 1 else f"{name}:{number}"
        for name, having in numbers.items()
        for number in having
    ]


def _numbers_in(path: Path) -> list[str]:
    """Return the ids of a file of numbers; none of what is no such file: nobody asked for it."""
    try:
        found = parse_json(path.read_bytes())
    except (OSError, ValueError):
        return []
    return list(found) if isinstance(found, dict) else []


def completion_script(parser: argparse.ArgumentParser, shell: Shell) -> str:
    """Return the script that a shell reads."""
    scripts: Mapping[str, Callable[[list[_Command]], Iterator[str]]] = {
        "bash": _bash,
        "zsh": _zsh,
        "fish": _fish,
    }
    return "\n".join(scripts[shell](list(_commands(parser)))) + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[_Command]:
    (group,) = (
        action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    about = {choice.dest: str(choice.help) for choice in group._choices_actions}
    for name, command in group.choices.items():
        places = [action for action in command._actions if not action.option_strings]
        metavars = [str(action.metavar) for action in places]
        yield _Command(
            name,
            about[name],
            tuple(_option(action) for action in command._actions if action.option_strings),
            tuple(str(choice) for action in places for choice in action.choices or ()),
            next((_IDS_OF[metavar] for metavar in metavars if metavar in _IDS_OF), None),
        )


def _option(action: argparse.Action) -> _Option:
    return _Option(
        tuple(action.option_strings),
        " ".join((action.help or "").split()),
        action.nargs != 0,
        tuple(map(str, action.choices or ())),
    )


def _bash(commands: list[_Command]) -> Iterator[str]:
    names = " ".join(command.name for command in commands)
    yield "# flows: source <(flows completion bash)"
    yield "_flows() {"
    yield '  local line=${COMP_LINE:0:COMP_POINT} command="" word previous words=""'
    yield '  local current=${line##* }; previous=${line%"$current"}; previous=${previous% }'
    yield "  previous=${previous##* }"
    yield '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do'
    yield f'    case " {names} " in *" $word "*) command=$word; break;; esac'
    yield "  done"
    yield '  case "$command $previous" in'
    yield f'    " "*) words="{names} --root --version --help";;'
    for command in commands:
        for option in command.options:
            if option.takes_value:
                cases = "|".join(f'"{command.name} {name}"' for name in option.names)
                yield f'    {cases}) words="{" ".join(option.choices)}";;'
        options = " ".join(name for option in command.options for name in option.names)
        own = " ".join(command.words)
        ids = f"$(flows completion {command.ids} 2>/dev/null)" if command.ids else ""
        yield f'    "{command.name} "*)'
        yield f'      words="{own}{ids}"; [[ $current != -* ]] || words="{options}";;'
    yield "  esac"
    yield "  # Not compgen -W, which runs what stands in a word as $(command)."
    yield "  local -a list; read -d '' -ra list <<< \"$words\"; COMPREPLY=()"
    yield '  for word in "${list[@]}"; do [[ $word != "$current"* ]] || COMPREPLY+=("$word"); done'
    yield '  [[ -n $words ]] || COMPREPLY=($(compgen -f -- "$current"))'
    yield "  # Readline begins a word anew after the @ or the colon of an id."
    yield '  local before=${current%"${current##*[@:]}"}'
    yield '  [[ -z $before ]] || COMPREPLY=("${COMPREPLY[@]#"$before"}")'
    yield "}"
    yield "complete -o filenames -F _flows flows"


def _zsh(commands: list[_Command]) -> Iterator[str]:
    yield "#compdef flows"
    yield "# flows: source <(flows completion zsh), after compinit"
    yield "_flows_ids() {"
    yield '  local -a ids; ids=(${(f)"$(flows completion $1 2>/dev/null)"})'
    yield "  compadd -a ids"
    yield "}"
    yield "_flows() {"
    yield "  local -a commands; local state"
    yield "  commands=("
    yield from (f"    {_quoted(f'{command.name}:{command.about}')}" for command in commands)
    yield "  )"
    yield "  _arguments -C '--root:folder:_files -/' '--version' '--help' \\"
    yield "    '1:command:->command' '*::argument:->rest'"
    yield "  case $state in"
    yield "    command) _describe command commands;;"
    yield "    rest) case $words[1] in"
    for command in commands:
        specs = [_zsh_option(name, option) for option in command.options for name in option.names]
        what = f" _flows_ids {command.ids}" if command.ids else "_files"
        what = f"({' '.join(command.words)})" if command.words else what
        specs.append(_quoted(f"*:argument:{what}"))
        yield f"      {command.name}) _arguments {' '.join(specs)};;"
    yield "    esac;;"
    yield "  esac"
    yield "}"
    yield 'if [[ $funcstack[1] == _flows ]]; then _flows "$@"; else compdef _flows flows; fi'


def _zsh_option(name: str, option: _Option) -> str:
    about = "".join(f"\\{letter}" if letter in "[]:\\" else letter for letter in option.about)
    values = f"({' '.join(option.choices)})" if option.choices else "_files"
    return _quoted(f"{name}[{about}]" + (f":value:{values}" if option.takes_value else ""))


def _fish(commands: list[_Command]) -> Iterator[str]:
    names = " ".join(command.name for command in commands)
    yield "# flows: flows completion fish | source"
    for command in commands:
        first = f"complete -c flows -f -n 'not __fish_seen_subcommand_from {names}'"
        yield f"{first} -a {command.name} -d {_quoted(command.about)}"
        inside = f"complete -c flows -n '__fish_seen_subcommand_from {command.name}'"
        if command.ids:
            yield f"{inside} -f -a '(flows completion {command.ids} 2>/dev/null)'"
        if command.words:
            yield f"{inside} -f -a '{' '.join(command.words)}'"
        for option in command.options:
            flags = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in option.names
            )
            values = f" -r -f -a '{' '.join(option.choices)}'" if option.choices else " -r"
            value = values if option.takes_value else ""
            yield f"{inside} {flags}{value} -d {_quoted(option.about)}"


def _quoted(text: str) -> str:
    """Return a text as one word of a shell; fish and zsh read doubled quotes alike."""
    return "'" + text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}") + "'"
