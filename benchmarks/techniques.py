"""Techniques in recorded traffic that nothing was learned from: distillation tools, look-alikes and people's prompts.

    STILLWATCH_SHARED=../shared python benchmarks/techniques.py [--texts 150]

Per source and technique the share of texts that show it, by the taxonomy's concepts alone and together with the learned weights;
shares below a twentieth are left out. Nobody has labelled these texts: of a tool it can be seen whether a technique that it is
known for is found, of people's prompts how often one is seen where hardly any is. Needs the open data (``real_world.py``).
Sentences kept apart are measured by ``scripts/technique_weights.py --measure``.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import real_world

from stillwatch.signals.technique import concepts_met, showing
from stillwatch.vocabulary.taxonomy import taxonomy

LOOK_ALIKES = ("lm-eval", "arena-hard", "codex", "aider", "langchain-rag", "litellm-proxy")
LEAST = 0.05


def sources() -> Iterator[tuple[str, str, list[str]]]:
    """Sort, name and texts of every source."""
    for sort, tools in (("distillation tool", real_world.DISTILLERS), ("look-alike", LOOK_ALIKES)):
        for tool in tools:
            yield sort, tool, ["\n".join(filter(None, (sent.system, sent.prompt))) for sent in real_world.recorded(tool)]
    for name in (*real_world.ORGANIC, *real_world.FILLINGS):
        yield "prompts", name, real_world.prompts(name)


def told(shares: dict[str, float]) -> str:
    """The shares worth telling, the largest first."""
    named = sorted(((share, name) for name, share in shares.items() if share >= LEAST), reverse=True)
    return ", ".join(f"{name} {share:.2f}" for share, name in named) or "none"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=150, help="texts of each source")
    options = parser.parse_args()
    kinds = [technique for technique in taxonomy().techniques if technique.concepts]
    print("| sort | source | concepts alone | with weights |\n|---|---|---|---|")
    for sort, name, texts in sources():
        chosen = [texts[i] for i in np.random.default_rng(0).permutation(len(texts))[: options.texts]]
        seen = showing(taxonomy(), chosen)
        concepts = {kind.name: float(np.mean([concepts_met(kind, text) for text in chosen])) for kind in kinds}
        weights = {kind.name: float(np.mean([kind.id in ids for ids in seen])) for kind in kinds}
        print(f"| {sort} | {name} | {told(concepts)} | {told(weights)} |", flush=True)


if __name__ == "__main__":
    main()
