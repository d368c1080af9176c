"""Units as numbers in kerma's own: mm, MeV, ns, rad, g/cm3, Gy, Bq. ``5 * cm`` is 50 mm, ``80 * keV`` is 0.08 MeV."""
import math

nm = 1e-6
um = 1e-3
mm = 1.0
cm = 10.0
m = 1000.0
inch = 25.4

mm2 = 1.0
cm2 = 100.0
mm3 = 1.0
cm3 = 1000.0

eV = 1e-6
keV = 1e-3
MeV = 1.0

ns = 1.0
us = 1e3
ms = 1e6
s = 1e9

rad = 1.0
mrad = 1e-3
deg = math.pi / 180.0

g_cm3 = 1.0
kg_m3 = 1e-3
g = 1.0
kg = 1e3

Gy = 1.0
mGy = 1e-3
uGy = 1e-6
Bq = 1.0
kBq = 1e3
MBq = 1e6
GBq = 1e9
