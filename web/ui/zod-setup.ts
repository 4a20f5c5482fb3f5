import { z } from "zod";

// zod compiles checks with `new Function`, which a strict Content-Security-Policy forbids. This must be evaluated
// before the first schema is made, so import it first.
z.config({ jitless: true });
