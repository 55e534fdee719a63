// The C library's functions in double precision, by names that no kernel shares.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

func exponential(_ x: Double) -> Double { exp(x) }

func logarithm(_ x: Double) -> Double { log(x) }

func hyperbolic(_ x: Double) -> Double { tanh(x) }

func power(_ base: Double, _ exponent: Int) -> Double { pow(base, Double(exponent)) }
