"""An example of each command, printed below its help."""

import argparse
from collections.abc import Mapping
from textwrap import fill

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "new": (
        "flows new my-study --arms ARM RUS --files ~/Downloads/deals.csv",
        "flows new kenya --trade CHN KEN      # inside a project: another appendix of it",
        "flows new hub --through DEU TUR RUS --files exports.csv",
    ),
    "build": (
        "flows build",
        "flows build kenya",
        "flows build --only trade-bridge",
        "flows build --watch",
        "flows build --force --out elsewhere",
    ),
    "open": ("flows open", "flows open kenya"),
    "completion": (
        "source <(flows completion bash)      # in ~/.bashrc",
        "source <(flows completion zsh)       # in ~/.zshrc, after compinit",
        "flows completion fish | source       # in ~/.config/fish/config.fish",
    ),
    "check": ("flows check", "flows check --licences", "flows check --deposit deposit.zip"),
    "verify": (
        "flows verify",
        "flows verify kenya",
        "flows verify deposit.zip --data ~/Downloads",
        "flows verify deposit.zip --hashes",
    ),
    "bundle": ("flows bundle -o deposit.zip", "flows bundle kenya -o kenya-deposit"),
    "fill": (
        "flows fill paper.docx",
        "flows fill paper.docx -o filled.docx --appendix kenya",
        "flows fill paper.tex --check",
    ),
    "trace": (
        "flows trace arms.share.main",
        "flows trace arms.share.main --code",
        "flows trace kenya:claims.count",
    ),
    "claims": ("flows claims",),
    "cite": (
        "flows cite --style bibtex",
        "flows cite reports --all",
        "flows cite sipri-deal-years@2025-03 --style chicago",
    ),
    "profile": (
        "flows profile --exporter IRN --importer ARM",
        "flows profile --exporter IRN --importer ARM -o page.pdf",
        "flows profile --exporter CHN --importer KEN --data export.csv",
    ),
    "list": ("flows list", "flows list --layouts"),
    "add": ("flows add export.csv --id georgia-trade@2025-03",),
    "fetch": ("flows fetch --help", "flows fetch comext 2023-01 --dry-run"),
    "describe": ("flows describe table.xlsx --sheet Imports -o table.toml",),
    "diff": ("flows diff sipri-deal-years@2022-03 sipri-deal-years@2025-03",),
    "screen": (
        "flows screen BACI_HS92_V202501.zip -o screen",
        "flows screen baci-totals@2020 --fit log,poisson --pair IRN ARM",
    ),
    "convert": (
        "flows convert BACI_HS92_V202501.zip -o baci.parquet",
        "flows convert trade.csv -o sums.parquet --by exporter,importer,year",
    ),
}


def add_examples(commands: Mapping[str, argparse.ArgumentParser]) -> None:
    """Put the examples of each command below its help."""
    for name, command in commands.items():
        lines = EXAMPLES.get(name, ())
        examples = "\n".join(["examples:", *(f"  {line}" for line in lines)]) if lines else ""
        about = fill(command.epilog) if command.epilog else ""
        command.epilog = "\n\n".join(filter(None, (about, examples)))
        command.formatter_class = argparse.RawDescriptionHelpFormatter
