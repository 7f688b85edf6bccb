"""Matrix products: walks and windows by hand, every operator's work as torch counts it, time that adds up."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers import matmul
from explainers.architecture import published, work
from explainers.checkpoints import load
from explainers.checkpoints.design import Design, of_checkpoint
from explainers.facts import fact
from explainers.matmul import MODES, Count, Load, Mode, Network, Operator, Phase, Timed, Timing
from explainers.matmul.costs import COSTS, MOVING, PRODUCTS, group_of, plain_name, timed_name
from explainers.matmul.counting import count_whole
from explainers.matmul.measuring import operator_times
from explainers.matmul.networks import build, inputs, labels, loss, outputs

SMALL = {
    "bert": Design("bert", 3, 0, 5, 15, 3, 22, 41, 37),
    "gpt1": Design("gpt1", 0, 2, 3, 21, 7, 84, 40, 29),
    "gpt2": Design("gpt2", 0, 4, 3, 21, 7, 50, 41, 29),
    "t5": Design("t5", 2, 3, 4, 10, 3, 14, 43, 512, buckets=12),
    "t5 gated, untied": Design("t5", 3, 1, 4, 10, 3, 14, 43, 512, buckets=12, gated=True, tied=False),
}
NETWORKS = {name: Network("transformer", design) for name, design in SMALL.items()} | {
    "mlp": Network("mlp"),
    "cnn": Network("cnn"),
}
LOAD = Load(2, 7)


# ------------------------------------------------------------------------------------------------- one product


def test_a_walk_by_hand() -> None:
    naive = matmul.walk(2, 3, 2, 1)
    assert len(naive.visits) == 2 * 3 * 2
    assert [visit.reads for visit in naive.visits] == [2] * 12
    assert naive.reads_a.tolist() == [[2, 2, 2], [2, 2, 2]]
    assert naive.reads_b.tolist() == [[2, 2], [2, 2], [2, 2]]
    assert (naive.reads, naive.flops, naive.flops_per_read) == (24, 24, 1.0)
    tiled = matmul.walk(4, 4, 4, 2)
    assert (len(tiled.visits), tiled.reads, tiled.flops) == (8, 64, 128)
    first, second, third = tiled.visits[:3]
    assert (first.rows, first.inner, first.columns, first.reads, first.multiply_adds) == ((0, 2), (0, 2), (0, 2), 8, 8)
    assert (second.rows, second.inner, second.columns) == ((0, 2), (2, 4), (0, 2))
    assert (third.rows, third.inner, third.columns) == ((0, 2), (0, 2), (2, 4))
    assert tiled.fast_numbers == 12


def test_a_tile_that_does_not_fit_is_smaller_at_the_edge() -> None:
    shown = matmul.walk(3, 5, 4, 2)
    assert shown.reads_a.tolist() == [[2] * 5] * 3
    assert shown.reads_b.tolist() == [[2] * 4] * 5
    assert shown.visits[-1].rows == (2, 3)
    assert shown.visits[-1].inner == (4, 5)
    assert shown.reads == matmul.reads(3, 5, 4, 2) == 3 * 5 * 2 + 5 * 4 * 2
    assert matmul.walk(2, 2, 2, 6).reads == matmul.least_reads(2, 2, 2) == 8


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 7), st.integers(1, 8), st.integers(0, 2**16))
def test_any_walk_computes_the_product_and_reads_as_the_formula_says(
    m: int, k: int, n: int, tile: int, seed: int
) -> None:
    shown = matmul.walk(m, k, n, tile)
    generator = np.random.default_rng(seed)
    a, b = generator.integers(-9, 9, (m, k)), generator.integers(-9, 9, (k, n))
    c = np.zeros((m, n), dtype=np.int64)
    for visit in shown.visits:
        rows, inner, columns = (slice(*span) for span in (visit.rows, visit.inner, visit.columns))
        c[rows, columns] += a[rows, inner] @ b[inner, columns]
    assert (c == a @ b).all()
    assert shown.reads == shown.reads_a.sum() + shown.reads_b.sum() == matmul.reads(m, k, n, tile)
    assert sum(visit.multiply_adds for visit in shown.visits) == m * k * n
    assert shown.reads >= matmul.least_reads(m, k, n)


# ------------------------------------------------------------------------------------------------- convolution


def test_a_convolution_by_hand() -> None:
    image = np.arange(9).reshape(3, 3)
    shown = matmul.convolution(image, matmul.edge_filters(2))
    assert shown.windows.tolist() == [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
    assert shown.weights.tolist() == [[1, 1], [-1, 1], [1, -1], [-1, -1]]
    assert shown.product.tolist() == [[-2, -6]] * 4
    assert shown.maps.tolist() == [[[-2, -2], [-2, -2]], [[-6, -6], [-6, -6]]]
    assert (shown.flops, shown.copies, shown.corner(3)) == (2 * 4 * 4 * 2, 16 / 9, (1, 1))


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 0), (3, 2, 1), (2, 1, 1), (4, 2, 0), (3, 1, 1)])
def test_a_convolution_is_torch_s(kernel: int, stride: int, padding: int) -> None:
    import torch
    from torch.nn.functional import conv2d, unfold

    shown = matmul.convolution(matmul.seven(), matmul.edge_filters(kernel), stride, padding)
    image = torch.tensor(shown.image, dtype=torch.float32)[None, None]
    filters = torch.tensor(shown.filters, dtype=torch.float32)[:, None]
    assert (conv2d(image, filters, stride=stride, padding=padding)[0].numpy() == shown.maps).all()
    assert (unfold(image, kernel, stride=stride, padding=padding)[0].T.numpy() == shown.windows).all()
    row, column = shown.corner(len(shown.windows) - 1)
    window = shown.padded[row : row + kernel, column : column + kernel]
    assert window.ravel().tolist() == shown.windows[-1].tolist()


# ------------------------------------------------------------------------------------------------- what is counted


@pytest.mark.parametrize(
    ("name", "plain", "group"),
    [
        ("aten::addmm", "addmm", "products"),
        ("aten.add_.Tensor", "add", "element-wise"),
        ("aten::_softmax", "_softmax", "normalization"),
        ("aten::copy_", "copy", "movement"),
        ("aten::transpose", "transpose", "rest"),
        ("AddmmBackward0", "AddmmBackward0", "rest"),
    ],
)
def test_operators_go_by_their_plain_names(name: str, plain: str, group: str) -> None:
    assert plain_name(name) == plain
    assert group_of(plain) == group


def test_what_runs_for_a_convolution_belongs_to_it() -> None:
    assert timed_name("aten::mkldnn_convolution") == timed_name("aten::conv2d") == "convolution"
    assert timed_name("aten::convolution_backward") == "convolution_backward"
    assert timed_name("aten::add_") == "add"


def test_no_operator_is_in_two_tables() -> None:
    assert not PRODUCTS & COSTS.keys()
    assert not PRODUCTS & MOVING
    assert not MOVING & COSTS.keys()


def flops_by_torch(network: Network, mode: Mode) -> int:
    """What torch's own counter says of the network with weights, on the processor."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model, given_, right = build(network), inputs(network, LOAD), labels(network, LOAD)
    model.train(mode == "training")
    with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(mode == "training"):
        scores = outputs(network, model, given_)
        if mode == "training":
            loss(scores, right).backward()  # type: ignore[no-untyped-call]
    return int(counter.get_total_flops())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NETWORKS)
def test_products_are_counted_as_torch_counts_them(name: str, mode: Mode) -> None:
    counted = matmul.count(NETWORKS[name], LOAD, mode)
    assert counted.flops("products") == flops_by_torch(NETWORKS[name], mode)
    assert counted.flops("products") == sum(product.flops for product in counted.products)
    assert not counted.unknown


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_the_built_in_models_products_are_counted_as_torch_counts_them(name: str) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    checkpoint = load(name)
    network = Network("transformer", of_checkpoint(checkpoint))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        outputs(network, checkpoint.model, inputs(network, LOAD))
    assert matmul.count(network, LOAD, "inference").flops("products") == counter.get_total_flops()


@pytest.mark.parametrize("name", published())
def test_the_published_sizes_are_counted_as_the_formulas_say(name: str) -> None:
    design = published()[name].design
    counted = matmul.count(Network("transformer", design), Load(3, 33), "inference")
    assert counted.flops("products") == 3 * sum(each.flops for each in work(design, 33, source=33))
    assert 0.99 < counted.flop_share("products") < 1
    assert not counted.unknown


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SMALL)
def test_layers_are_alike_so_two_of_them_tell_all(name: str, mode: Mode) -> None:
    network = NETWORKS[name]
    quick, whole = matmul.count(network, LOAD, mode), count_whole(network, LOAD, mode)
    assert sorted(map(str, quick.operators)) == sorted(map(str, whole.operators))
    assert sorted(map(str, quick.products)) == sorted(map(str, whole.products))
    assert (quick.made_bytes, quick.parameters) == (whole.made_bytes, whole.parameters)


def of(counted: Count, name: str, phase: str = "forward") -> Operator:
    return next(each for each in counted.operators if (each.name, each.phase) == (name, phase))


def test_the_small_network_by_hand() -> None:
    counted = matmul.count(Network("mlp"), Load(3, 1), "inference")
    inner, outer = 784 * 2048 + 2048 * 2048, 2048 * 10
    assert counted.flops("products") == 2 * 3 * (inner + outer)
    assert of(counted, "relu").flops == 3 * 2 * 2048
    assert of(counted, "addmm, bias").flops == 3 * (2048 + 2048 + 10)
    assert counted.flops() == sum(counted.flops(group) for group in matmul.GROUPS)
    assert of(counted, "relu").bytes == 4 * 2 * 3 * 2 * 2048
    weights, biases, vectors = inner + outer, 2 * 2048 + 10, 3 * (784 + 2048 + 2048 + 2048 + 2048 + 10)
    assert of(counted, "addmm").bytes == 4 * (weights + biases + vectors)
    assert counted.parameters == weights + biases


def test_a_transformer_s_small_operations_by_hand() -> None:
    design = SMALL["gpt2"]
    counted = matmul.count(NETWORKS["gpt2"], LOAD, "inference")
    numbers = 2 * 7 * 21  # batch, tokens, width
    assert of(counted, "native_layer_norm").flops == (2 * 4 + 1) * 7 * numbers
    assert of(counted, "_softmax").flops == 5 * 4 * 2 * 3 * 7 * 7  # layers, batch, heads, queries, keys
    assert of(counted, "tanh").flops == 4 * 2 * 7 * design.d_ff
    assert of(counted, "embedding").flops == 0
    step = matmul.count(NETWORKS["gpt2"], LOAD, "training")
    assert of(step, "sqrt", "optimizer").flops == step.parameters
    assert of(step, "lerp", "optimizer").flops == 3 * step.parameters
    assert step.flops("products") == 3 * counted.flops("products")
    assert of(step, "bernoulli").flops == 2 * (numbers + 4 * (2 * numbers + 2 * 3 * 7 * 7))


def test_products_by_their_sizes() -> None:
    counted = matmul.count(NETWORKS["gpt2"], LOAD, "inference")
    found = {(each.m, each.k, each.n): each.times for each in counted.products}
    assert found[14, 21, 63] == 4  # queries, keys and values of a layer
    assert found[7, 7, 7] == 2 * 4 * 2 * 3  # scores and mixing: the heads are 7 wide, and there are 7 tokens
    assert found[14, 21, 41] == 1  # the vocabulary
    image = matmul.count(Network("cnn"), Load(2, 1), "inference")
    assert {(each.m, each.k, each.n) for each in image.products} >= {
        (2 * 32 * 32, 3 * 9, 64),
        (2 * 8 * 8, 128 * 9, 256),
    }


def test_longer_sequences_leave_less_to_the_products() -> None:
    """Scores grow with the square of the length: n * n weights, but only d multiplications for each."""
    network = Network("transformer", published()["bert-base"].design)
    shares = [matmul.count(network, Load(1, tokens), "inference").flop_share("products") for tokens in (32, 128, 512)]
    assert shares == sorted(shares, reverse=True)


# ------------------------------------------------------------------------------------------------- what is measured


def event(name: str, start: float, end: float, own: float) -> SimpleNamespace:
    return SimpleNamespace(name=name, time_range=SimpleNamespace(start=start, end=end), self_cpu_time_total=own)


def test_times_by_hand() -> None:
    events = [
        event("explainers:forward", 100, 200, 5),
        event("aten::linear", 110, 150, 3),
        event("aten::addmm", 112, 150, 30),
        event("aten::copy_", 113, 115, 4),
        event("aten::conv2d", 150, 190, 1),
        event("aten::convolution", 151, 190, 2),
        event("aten::mkldnn_convolution", 152, 190, 20),
        event("explainers:backward", 300, 400, 0),
        event("aten::addmm", 310, 350, 40),
        event("aten::addmm", 500, 510, 10),
    ]
    found = {key: (calls, round(1e6 * seconds, 6)) for key, (calls, seconds) in operator_times(events).items()}
    assert found == {
        ("forward", "addmm"): (1, 30),
        ("forward", "copy"): (1, 4),
        ("forward", "convolution"): (1, 23),
        ("forward", "rest"): (0, 43),
        ("backward", "addmm"): (1, 40),
        ("backward", "rest"): (0, 60),
    }


@pytest.fixture
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explainers.matmul.measuring.REPEATS", 2)


@pytest.mark.usefixtures("_brief")
@pytest.mark.parametrize("name", ["mlp", "cnn", "bert", "gpt2", "t5"])
def test_a_step_s_time_adds_up_and_is_of_the_operators_that_were_counted(name: str) -> None:
    from explainers.matmul.measuring import stop_asked

    for mode in MODES:
        asked: list[bool] = []

        def go_on(asked: list[bool] = asked) -> bool:
            asked.append(True)
            return False

        timed = matmul.measure(NETWORKS[name], LOAD, mode, go_on)
        phases: tuple[Phase, ...] = ("forward",) if mode == "inference" else ("forward", "backward", "optimizer")
        assert {each.phase for each in timed.operators} == set(phases)
        assert timed.watched_seconds == pytest.approx(sum(timed.of(group) for group in matmul.GROUPS))
        assert timed.watched_seconds == pytest.approx(sum(timed.of(phase=phase) for phase in phases))
        assert 1 <= len(timed.plain_seconds) <= 2
        assert len(asked) == stop_asked(NETWORKS[name], mode) or len(timed.plain_seconds) == 1
        counted = matmul.count(NETWORKS[name], LOAD, mode)
        timed_calls = {(each.phase, each.name): each.calls for each in timed.operators if each.group == "products"}
        assert timed_calls == {
            (each.phase, each.name): each.calls for each in counted.operators if each.group == "products"
        }
        assert matmul.groups_compared(counted, timed)
        rows = matmul.operators_compared(counted, timed)
        assert sum(row.seconds for row in rows) == pytest.approx(timed.watched_seconds)


@pytest.mark.parametrize("after", [0, 1, 2, 4, 6])
def test_a_measurement_stops_before_the_next_layer(after: int) -> None:
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > after

    with pytest.raises(matmul.Stopped):
        matmul.measure(NETWORKS["t5"], LOAD, "training", stop)
    assert len(asked) == after + 1


def test_what_was_counted_beside_what_was_measured_by_hand() -> None:
    counted = Count(
        (
            Operator("forward", "addmm", "products", 2, 900, 100),
            Operator("forward", "addmm, bias", "element-wise", 0, 20, 0),
            Operator("forward", "relu", "element-wise", 1, 80, 300),
            Operator("backward", "relu", "element-wise", 1, 0, 100),
        ),
        (),
        (),
        0,
        0,
    )
    timed = Timing(
        (
            Timed("forward", "addmm", "products", 2, 3.0),
            Timed("forward", "relu", "element-wise", 1, 0.5),
            Timed("backward", "relu", "element-wise", 1, 0.5),
            Timed("forward", "rest", "rest", 0, 1.0),
        ),
        (4.0, 6.0, 5.0),
        2,
        "2",
    )
    products, small, rest = matmul.groups_compared(counted, timed)
    assert (products.flop_share, products.byte_share, products.time_share) == (0.9, 0.2, 0.6)
    assert (products.flops_per_byte, products.flops_per_second) == (9.0, 300.0)
    assert (small.flop_share, small.byte_share, small.time_share, small.flops_per_second) == (0.1, 0.8, 0.2, 100.0)
    assert (rest.group, rest.flop_share, rest.time_share, rest.flops_per_byte) == ("rest", 0.0, 0.2, 0.0)
    rows = matmul.operators_compared(counted, timed)
    assert [(row.name, row.calls, row.flops, row.seconds) for row in rows] == [
        ("addmm", 2, 920, 3.0), ("relu", 2, 80, 1.0), ("rest", 0, 0, 1.0)
    ]  # fmt: skip
    assert timed.seconds == 5.0


def test_what_takes_too_long_or_too_much_memory_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    network = NETWORKS["gpt2"]
    counted = matmul.count(network, LOAD, "training")
    assert matmul.refusal(network, counted, "training") is None
    large = replace(counted, operators=(Operator("forward", "mm", "products", 1, matmul.MOST_FLOPS + 1, 0),))
    assert matmul.refusal(network, large, "training") == "work"
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=8 * counted.parameters))
    assert matmul.refusal(network, counted, "training") == "memory"


def test_the_published_shares() -> None:
    assert fact("bert", "products_flops").share == pytest.approx(0.998)
    assert fact("bert", "products_time").share == pytest.approx(0.61)
    assert "2007.00072" in fact("bert", "products_time").link
