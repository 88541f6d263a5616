"""Towns of Connecticut with their approximate centres, built-up radii and postcodes.

Data only, and the geometry of keeping towns apart; streets and houses are laid out in `addresses`.
"""

import math
from functools import lru_cache
from typing import NamedTuple

METRES_PER_DEGREE = 111_195.0
"""Length of one degree of latitude on a sphere of radius 6371 km."""
_APART_M = 150.0


class Town(NamedTuple):
    """One town: postal name, the area whose address file holds it, centre in degrees, radius in km, postcodes."""

    name: str
    area: str
    lat: float
    lon: float
    radius_km: float
    postcodes: tuple[str, ...]


_TABLE = """
Stamford          panhandle   41.0534 -73.5387 3.2 06901 06902 06905 06907
Hartford          hartford    41.7637 -72.6851 3.4 06103 06105 06106 06112 06114
Bridgeport        bridgeport  41.1792 -73.1894 3.4 06604 06605 06606 06610
New Haven         new_haven   41.3083 -72.9279 3.4 06510 06511 06513 06515 06519
Rocky Hill        hartford    41.6648 -72.6393 2.6 06067
Cromwell          middlesex   41.5951 -72.6454 2.0 06416
Newington         hartford    41.6979 -72.7237 2.6 06111
New London        new_london  41.3557 -72.0995 2.0 06320
Norwalk           panhandle   41.1177 -73.4082 2.8 06850 06851 06854
Greenwich         panhandle   41.0362 -73.6282 1.6 06830 06831
Danbury           danbury     41.3948 -73.4540 3.4 06810 06811
Storrs            tolland     41.8084 -72.2495 2.4 06268
Putnam            windham     41.9151 -71.9090 2.4 06260
Danielson         windham     41.8026 -71.8859 2.4 06239
Torrington        litchfield  41.8007 -73.1212 3.2 06790
Middletown        middlesex   41.5623 -72.6506 3.0 06457
Waterbury         new_haven   41.5582 -73.0515 3.4 06702 06704 06705 06706 06708
Willimantic       windham     41.7106 -72.2081 2.4 06226
Norwich           new_london  41.5243 -72.0759 3.2 06360
Manchester        hartford    41.7759 -72.5215 3.2 06040 06042
New Britain       farmington  41.6612 -72.7795 3.0 06051 06053
Bristol           farmington  41.6718 -72.9493 3.2 06010
Meriden           new_haven   41.5382 -72.8070 3.2 06450 06451
Milford           new_haven   41.2323 -73.0565 2.2 06460 06461
West Hartford     hartford    41.7620 -72.7420 2.8 06107 06117 06119
Fairfield         bridgeport  41.1608 -73.2613 2.6 06824 06825
Vernon            tolland     41.8187 -72.4793 2.8 06066
Enfield           hartford    41.9762 -72.5918 2.8 06082
New Milford       litchfield  41.5770 -73.4085 2.8 06776
Plainfield        windham     41.6765 -71.9151 2.4 06374
Stratford         bridgeport  41.1945 -73.1332 2.2 06614 06615
Westport          panhandle   41.1415 -73.3579 2.2 06880
Darien            panhandle   41.0787 -73.4693 1.8 06820
New Canaan        panhandle   41.1468 -73.4948 2.4 06840
Wilton            panhandle   41.1954 -73.4379 2.8 06897
Weston            panhandle   41.2009 -73.3807 2.2 06883
Ridgefield        danbury     41.2815 -73.4882 1.8 06877
Bethel            danbury     41.3712 -73.4140 2.0 06801
Brookfield        danbury     41.4826 -73.4096 2.6 06804
Newtown           danbury     41.4140 -73.3036 2.8 06470
New Fairfield     danbury     41.4665 -73.4857 2.2 06812
Monroe            bridgeport  41.3326 -73.2073 2.6 06468
Trumbull          bridgeport  41.2429 -73.2007 2.8 06611
Shelton           bridgeport  41.3165 -73.1232 2.8 06484
Easton            bridgeport  41.2529 -73.2973 2.6 06612
Hamden            new_haven   41.3759 -72.9168 2.8 06514 06518
West Haven        new_haven   41.2755 -72.9670 2.0 06516
East Haven        new_haven   41.2862 -72.8684 2.0 06512
North Haven       new_haven   41.3909 -72.8595 2.4 06473
Branford          new_haven   41.2895 -72.8051 2.0 06405
Guilford          new_haven   41.2990 -72.6817 2.0 06437
Madison           new_haven   41.2895 -72.5984 1.8 06443
Orange            new_haven   41.2884 -73.0257 2.4 06477
Wallingford       new_haven   41.4570 -72.8231 3.0 06492
Cheshire          new_haven   41.4990 -72.9007 2.8 06410
Naugatuck         new_haven   41.4859 -73.0507 2.6 06770
Ansonia           new_haven   41.3462 -73.0690 2.2 06401
Seymour           new_haven   41.3968 -73.0759 2.4 06483
Southbury         new_haven   41.4815 -73.2132 2.6 06488
Wolcott           new_haven   41.6023 -72.9868 2.4 06716
Oxford            new_haven   41.4340 -73.1168 2.4 06478
East Hartford     hartford    41.7823 -72.6120 2.6 06108 06118
Wethersfield      hartford    41.7143 -72.6626 2.4 06109
Glastonbury       hartford    41.7023 -72.6081 2.4 06033
South Windsor     hartford    41.8489 -72.5718 2.8 06074
Windsor           hartford    41.8526 -72.6437 2.8 06095
Windsor Locks     hartford    41.9243 -72.6454 2.4 06096
Suffield          hartford    41.9818 -72.6507 2.4 06078
Bloomfield        hartford    41.8265 -72.7301 2.6 06002
Southington       farmington  41.6005 -72.8783 2.8 06489
Plainville        farmington  41.6745 -72.8582 2.2 06062
Farmington        farmington  41.7198 -72.8320 2.4 06032
Avon              farmington  41.8098 -72.8306 2.4 06001
Simsbury          farmington  41.8759 -72.8013 2.8 06070
Canton            farmington  41.8245 -72.8937 2.4 06019
Granby            farmington  41.9540 -72.7887 2.6 06035
Berlin            farmington  41.6215 -72.7457 2.4 06037
Tolland           tolland     41.8715 -72.3687 2.6 06084
Ellington         tolland     41.9039 -72.4698 2.6 06029
Coventry          tolland     41.7701 -72.3051 2.4 06238
Stafford Springs  tolland     41.9543 -72.3023 2.4 06076
Hebron            tolland     41.6579 -72.3659 2.4 06248
Somers            tolland     41.9854 -72.4462 2.2 06071
Columbia          tolland     41.7020 -72.3012 2.4 06237
Bolton            tolland     41.7690 -72.4334 2.2 06043
Winsted           litchfield  41.9212 -73.0601 2.4 06098
Litchfield        litchfield  41.7473 -73.1887 2.4 06759
Watertown         litchfield  41.6062 -73.1182 2.6 06795
Thomaston         litchfield  41.6740 -73.0732 2.4 06787
Canaan            litchfield  42.0160 -73.3293 1.8 06018
Salisbury         litchfield  41.9834 -73.4212 1.8 06068
Kent              litchfield  41.7248 -73.4671 1.8 06757
Woodbury          litchfield  41.5446 -73.2090 2.4 06798
Norfolk           litchfield  41.9940 -73.2021 2.0 06058
East Hampton      middlesex   41.5759 -72.5026 2.4 06424
Durham            middlesex   41.4818 -72.6812 2.4 06422
Clinton           middlesex   41.2887 -72.5276 1.6 06413
Old Saybrook      middlesex   41.2988 -72.3762 1.6 06475
Essex             middlesex   41.3534 -72.3906 2.0 06426
Chester           middlesex   41.4031 -72.4509 2.2 06412
Haddam            middlesex   41.4773 -72.5120 2.2 06438
Colchester        new_london  41.5757 -72.3320 2.4 06415
Groton            new_london  41.3497 -72.0391 2.0 06340
Mystic            new_london  41.3643 -71.9665 1.8 06355
Stonington        new_london  41.3539 -71.9059 1.8 06378
Waterford         new_london  41.3418 -72.1460 1.8 06385
Niantic           new_london  41.3354 -72.1931 1.6 06357
Ledyard           new_london  41.4390 -72.0142 2.4 06339
Jewett City       new_london  41.6068 -71.9809 2.4 06351
Old Lyme          new_london  41.3259 -72.3290 1.6 06371
Uncasville        new_london  41.4345 -72.1101 2.4 06382
Brooklyn          windham     41.7882 -71.9498 2.4 06234
Woodstock         windham     41.9484 -71.9740 2.2 06281
Thompson          windham     41.9587 -71.8626 1.8 06277
Canterbury        windham     41.6984 -71.9812 2.4 06331
Pomfret           windham     41.8876 -71.9726 2.2 06258
"""


def _row(line: str) -> Town:
    name, rest = line[:18].strip(), line[18:].split()
    return Town(name, rest[0], float(rest[1]), float(rest[2]), float(rest[3]), tuple(rest[4:]))


TOWNS: tuple[Town, ...] = tuple(_row(line) for line in _TABLE.strip().splitlines())
"""Every town; the first twenty hold every special place, so a small world uses those."""
SPECIAL = 20
AREAS: tuple[str, ...] = tuple(sorted({town.area for town in TOWNS}))


def metres(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Distance between two points of the state, metres; planar, good to a part in a thousand below 50 km."""
    east = (lon_b - lon_a) * math.cos(math.radians((lat_a + lat_b) / 2))
    return math.hypot(east, lat_b - lat_a) * METRES_PER_DEGREE


@lru_cache(maxsize=1)
def radii_m() -> tuple[float, ...]:
    """Radius of each town's built-up disc, metres, cut so that discs lie at least 300 m apart."""
    return tuple(min(town.radius_km * 1000, _nearest_m(town) / 2 - _APART_M) for town in TOWNS)


@lru_cache(maxsize=1)
def neighbours() -> tuple[int, ...]:
    """For each town the position of the town nearest to it."""
    return tuple(
        min((metres(t.lon, t.lat, o.lon, o.lat), i) for i, o in enumerate(TOWNS) if o != t)[1] for t in TOWNS
    )


def _nearest_m(town: Town) -> float:
    return min(metres(town.lon, town.lat, o.lon, o.lat) for o in TOWNS if o != town)
