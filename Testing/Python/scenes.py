"""Small scenes for the tests."""
import kerma
from kerma.units import keV


def box(threads=2, *, histories_end=None, seed=1, **options):
    """A drop of water in a pencil beam; fast: about a million histories a second."""
    world = kerma.Volume("world", kerma.Box((200, 200, 200)))
    drop = world.place(kerma.Volume("drop", kerma.Orb(10), kerma.Material("Water, Liquid")), (0, 0, 20))
    sim = kerma.Simulation(world, threads=threads, seed=seed, **options)
    sim.add_source(kerma.PencilSource(60 * keV, (0, 0, -90)))
    sim.add_scorer(kerma.VolumeScorer("drop", drop))
    if histories_end is not None:
        sim.on_history_end(histories_end)
    return sim


def crowded(threads=2, *, parts=3, overlaps="warn", **options):
    """Drops of water that overlap, in a pencil beam: the log has something to say about them."""
    world = kerma.Volume("world", kerma.Box((200, 200, 200)))
    drops = [kerma.Volume(f"part {i}", kerma.Orb(10), "Water, Liquid") for i in range(parts)]
    for i, drop in enumerate(drops):
        world.place(drop, (i, 0, 20))
    return kerma.Simulation(world, threads=threads, overlaps=overlaps, sources=[kerma.PencilSource(60 * keV, (0, 0, -90))],
                            scorers=[kerma.VolumeScorer("drop", drops[0])], **options)


def tetrahedron(size=10.0):
    """(vertices, triangles) of a closed mesh."""
    s = size
    return [(0, 0, 0), (s, 0, 0), (0, s, 0), (0, 0, s)], [(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)]
