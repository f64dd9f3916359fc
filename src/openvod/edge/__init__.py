"""HTTP in: reads requests, proves who sent them, hands them to actions; all that knows the wire's forms."""
