//! A stand-in for every platform that attests: evidence under roots of its own.
//!
//! Its roots are made anew for every authority and are in no binary: nothing that it issues is
//! ever believed by a service that was not handed these roots by the code of a test.
