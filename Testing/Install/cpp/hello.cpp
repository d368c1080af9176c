#include <iostream>
#include <kerma/base.h>

int main()
{
    std::cout << "kerma " << kma_version() << '\n';
    return kma_shutdown() == KMA_OK ? 0 : 1;
}
