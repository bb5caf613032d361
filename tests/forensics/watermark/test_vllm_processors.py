"""Both vLLM adapters mark what the hook marks, whatever the engine does with its rows. vLLM itself is replaced by a stand-in."""

from typing import Any

import numpy as np
import pytest

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keys import commitment, marking_keys
from stillwatch.forensics.watermark.vllm_requests import KeyRing, Owner, owner_of

SECRET = b"a synthetic secret of 32 bytes.."
OWNED = {"stillwatch_account": "acct-1", "stillwatch_cohort": "c"}
OTHER = {"stillwatch_account": "acct-2", "stillwatch_cohort": "c"}
SCHEMES = (GreenList(), GreenList(width=1, gamma=0.25), Gumbel(), Gumbel(width=1))
VOCABULARY = 200


def row_of(extra: dict[str, str]) -> np.ndarray:
    return marking_keys(SECRET, cohort=extra["stillwatch_cohort"], account=extra["stillwatch_account"]).row()


def expected(scheme: GreenList | Gumbel, extra: dict[str, str] | None, previous: list[int], logits: np.ndarray) -> np.ndarray:
    if extra is None:
        return logits
    return mark(scheme, row_of(extra)[None, :], np.array([previous], np.int64), logits[None, :].copy())[0]


def test_owners_are_whole_or_absent() -> None:
    assert owner_of(None) is owner_of({"temperature": 1}) is None
    assert owner_of(OWNED) == Owner("acct-1", "c")
    for half in ({"stillwatch_account": "a"}, {**OWNED, "stillwatch_cohort": 7}, {**OWNED, "stillwatch_account": ""}):
        with pytest.raises(ValueError, match="must both be given"):
            owner_of(half)


def test_a_key_ring_derives_the_keys_of_an_owner() -> None:
    ring = KeyRing(SECRET)
    assert (ring.row(Owner("acct-1", "c")) == row_of(OWNED)).all()
    assert ring.commitment == commitment(SECRET)
    with pytest.raises(UsageError, match="bytes"):
        KeyRing(b"short")


@pytest.fixture
def vllm(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("torch", reason="torch is an optional extra of those who serve models")
    import vllm_stand_in

    vllm_stand_in.install(monkeypatch)
    return vllm_stand_in


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name} {scheme.width}")
def test_the_second_runner_marks_rows_by_slot_and_drafts_by_the_drafts_before(scheme: GreenList | Gumbel, vllm: Any) -> None:
    import torch

    from stillwatch.forensics.watermark.vllm_v2 import processor_class

    generator = np.random.default_rng(0)
    history = torch.from_numpy(generator.integers(0, VOCABULARY, (4, 16)))
    history[2, 6:9] = history[2, 2:5]  # the context of slot 2 came before
    states = vllm.LogitsProcRequestState(torch.device("cpu"), 4, VOCABULARY, vllm.TokenTable(history.int()))
    processor = processor_class(scheme, SECRET)(None, states)
    assert processor.add_request(3, vllm.SamplingParams(1.0, OTHER))
    assert processor.add_request(0, vllm.SamplingParams(1.0, OTHER))
    requests = {0: OWNED, 1: None, 2: OTHER}  # slot 0 is used anew
    added = [processor.add_request(slot, vllm.SamplingParams(1.0, extra)) for slot, extra in requests.items()]
    assert added == [True, False, True]
    processor.apply_staged_writes()

    committed = {0: 5, 1: 7, 2: 9}
    drafts = [11, 12]
    rows = [(2, 0, None), (0, 0, None), (0, 1, drafts[:1]), (0, 2, drafts), (1, 0, None)]  # slot, place among its rows, drafts
    context = vllm.LogitsContext(
        expanded_idx_mapping=torch.tensor([slot for slot, _, _ in rows], dtype=torch.int32),
        expanded_local_pos=torch.tensor([place for _, place, _ in rows], dtype=torch.int32),
        input_ids=torch.tensor(
            [drafted[-1] if drafted else int(history[slot, committed[slot] - 1]) for slot, _, drafted in rows]
        ).int(),
        pos=torch.tensor([committed[slot] - 1 + place for slot, place, _ in rows]),
        seq_lens_upper_bound_np=np.array([9, 7, 7]),
    )
    logits = generator.normal(size=(5, VOCABULARY)).astype(np.float32)
    marked = processor.apply(torch.from_numpy(logits.copy()), context).numpy()
    for place, (slot, _, drafted) in enumerate(rows):
        previous = history[slot, : committed[slot]].tolist() + (drafted or [])
        assert (marked[place] == expected(scheme, requests[slot], previous, logits[place])).all()


def test_another_interface_under_the_same_name_is_refused(vllm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from stillwatch.forensics.watermark.vllm_v2 import processor_class

    monkeypatch.delattr(vllm, "LogitsContext")
    with pytest.raises(UsageError, match="tells a logits processor nothing of expanded_idx_mapping"):
        processor_class(GreenList(), SECRET)


def test_the_second_runner_leaves_greedy_requests_to_the_model(vllm: Any) -> None:
    import torch

    from stillwatch.forensics.watermark.vllm_v2 import processor_class

    states = vllm.LogitsProcRequestState(torch.device("cpu"), 1, VOCABULARY, vllm.TokenTable(torch.zeros(1, 8, dtype=torch.int32)))
    greedy = vllm.SamplingParams(0.0, OWNED)
    assert not processor_class(Gumbel(), SECRET)(None, states).add_request(0, greedy)
    assert processor_class(GreenList(), SECRET)(None, states).add_request(0, greedy)
    with pytest.raises(ValueError, match="must both be given"):
        processor_class(Gumbel(), SECRET).validate_params(vllm.SamplingParams(1.0, {"stillwatch_account": "a"}))  # type: ignore[attr-defined]


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name} {scheme.width}")
def test_the_first_runner_follows_the_batch(scheme: GreenList | Gumbel, vllm: Any) -> None:
    import torch

    from stillwatch.forensics.watermark.vllm_v1 import processor_class

    generator = np.random.default_rng(0)
    processor = processor_class(scheme, SECRET)(None, torch.device("cpu"), False)
    assert not processor.is_argmax_invariant()
    requests: list[tuple[dict[str, str] | None, list[int], list[int]]] = [
        (extra, generator.integers(0, 20, 6).tolist(), []) for extra in (OWNED, None, OTHER, OWNED)
    ]
    added = [(at, vllm.SamplingParams(1.0, extra), prompt, answer) for at, (extra, prompt, answer) in enumerate(requests)]
    updates = [
        vllm.BatchUpdate(4, added=added),
        None,
        vllm.BatchUpdate(4, moved=[(0, 1, vllm.MoveDirectionality.SWAP)]),
        vllm.BatchUpdate(3, removed=[2], moved=[(3, 2, vllm.MoveDirectionality.UNIDIRECTIONAL)]),
    ]
    places = [[0, 1, 2, 3], [0, 1, 2, 3], [1, 0, 2, 3], [1, 0, 3]]
    for update, order in zip(updates, places, strict=True):
        processor.update_state(update)
        logits = generator.normal(size=(len(order), VOCABULARY)).astype(np.float32)
        marked = processor.apply(torch.from_numpy(logits.copy())).numpy()
        for at, request in enumerate(order):
            extra, prompt, answer = requests[request]
            assert (marked[at] == expected(scheme, extra, prompt + answer, logits[at])).all()
            answer.append(int(generator.integers(0, 20)))


def test_the_first_runner_without_marked_requests_does_nothing(vllm: Any) -> None:
    import torch

    from stillwatch.forensics.watermark.vllm_v1 import processor_class

    processor = processor_class(Gumbel(), SECRET)(None, torch.device("cpu"), False)
    processor.update_state(vllm.BatchUpdate(1, added=[(0, vllm.SamplingParams(0.0, OWNED), [1, 2], [])]))
    assert not processor.apply(torch.zeros(1, VOCABULARY)).any()
