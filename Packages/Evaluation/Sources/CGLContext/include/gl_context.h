// Off-screen OpenGL contexts, opened at run time: no GL library is linked.
#pragma once
