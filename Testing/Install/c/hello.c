#include <stdio.h>
#include <kerma/base.h>

int main(void)
{
    printf("kerma %s\n", kma_version());
    return kma_shutdown() == KMA_OK ? 0 : 1;
}
