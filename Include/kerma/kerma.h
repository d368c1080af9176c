/**
 * @file kerma/kerma.h
 * All of kerma's public headers.
 */
#ifndef KERMA_KERMA_H
#define KERMA_KERMA_H

#include "kerma/base.h"
#include "kerma/ct_table.h"
#include "kerma/file.h"
#include "kerma/image.h"
#include "kerma/inventory.h"
#include "kerma/material.h"
#include "kerma/mesh.h"
#include "kerma/observer.h"
#include "kerma/picture.h"
#include "kerma/result.h"
#include "kerma/run_manager.h"
#include "kerma/scene.h"
#include "kerma/scorer.h"
#include "kerma/simulation.h"
#include "kerma/solid.h"
#include "kerma/source.h"
#include "kerma/spectrum.h"
#include "kerma/step.h"
#include "kerma/summary.h"
#include "kerma/volume.h"

#endif
