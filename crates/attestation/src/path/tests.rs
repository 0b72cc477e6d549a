use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// No library makes such keys any more, so these certificates were made once.
#[test]
fn short_keys_have_signed_nothing() {
    let judge = |leaf: &str, root: &str| {
        let [leaf, root] = [leaf, root].map(|text| STANDARD.decode(text).unwrap());
        let anchors = Anchors::new([&root]).unwrap();
        anchors.verify(&[Certificate::parse(&leaf).unwrap()], NOW)
    };
    assert_eq!(judge(LEAF_2048, ROOT_2048), Ok(0));
    assert_eq!(judge(LEAF_1024, ROOT_1024), Err(PathError::Untrusted));
}

const ROOT_1024: &str = "MIIB9jCCAV+gAwIBAgIUdkQrwDjmXX+P7zEH/CCkNijtOMEwDQYJKoZIhvcNAQELBQAwDDEKMAgGA1UEAwwBUjAgFw\
    0yNjExMjIxOTA0MzRaGA8yMTI2MTAyOTE5MDQzNFowDDEKMAgGA1UEAwwBUjCBnzANBgkqhkiG9w0BAQEFAAOBjQAw\
    gYkCgYEAx/pUDW3QmTW2Sg6JHQSpc4ygcdMZzGh9rIFTd0dFO1sC8Lz9SdSSDfpewov6xGipUJNRVG79qFYwu1pujR\
    Au93gZYLNFdhitCuEG7hSp6w9i0MEnY8RNq9VClQxQ4oAcvo93vcY/P6g7Ai4Q1zPlSmxYtTWENGhaM/N3eMRD7M8C\
    AwEAAaNTMFEwHQYDVR0OBBYEFBz2VJxIfBqoJdjSZbpBNmbG2J9BMB8GA1UdIwQYMBaAFBz2VJxIfBqoJdjSZbpBNm\
    bG2J9BMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADgYEAxI1mwwMPtkesGwwcMkXQv+Zgggx7pCpHQVEa\
    aQVAW2Exhza+z5hhLwl6lEY4Nk9LdkWr4RrrmQbIBQizTLH9EpiMCIQCoi6QDdA8b19gYKejkb6rsYQ+7soOj+PZ0x\
    CD4qsZ8Mt+verk1PoSodsfGI0W5ML5unmuZwMgDTWhCCw=";

const LEAF_1024: &str = "MIIBQTCBqwIBATANBgkqhkiG9w0BAQsFADAMMQowCAYDVQQDDAFSMCAXDTI2MTEyMjE5MDQzNFoYDzIxMjYxMDI5MT\
    kwNDM0WjAMMQowCAYDVQQDDAFMMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2ZDLMmsGMlsBaFztvEF9qqXmg5GE\
    hK2S0xSXbk3u7z60hsbAKvQ05DcWX4w5T7uV+slwwPjPHqZxZjUz2Re4QzANBgkqhkiG9w0BAQsFAAOBgQAiScBH6b\
    ls+eUIcfkvUUbGeaxv3v7v4bDNA+qpQkGuHJPHSLMSjG+ml8q1aN416UehwurMKzQcogyupByRUtdIbDkbMtwuE5At\
    We8KbAOYoQiOMwcwwLJiOFUb3oCokBbB+3slGyM9E/mswEzO8t8zB8UJ2j5Xz/NLxL+qIEk+ig==";

const ROOT_2048: &str = "MIIC+zCCAeOgAwIBAgIUNS+shSDGh1Z7ITYbiQoG5eMllJcwDQYJKoZIhvcNAQELBQAwDDEKMAgGA1UEAwwBUjAgFw\
    0yNjExMjIxOTA0MzRaGA8yMTI2MTAyOTE5MDQzNFowDDEKMAgGA1UEAwwBUjCCASIwDQYJKoZIhvcNAQEBBQADggEP\
    ADCCAQoCggEBALD3D8DQCQmbLCYfDTC/MRKIKgQ+jqg21P0j2Wy7PrfsrmvZPb3ubVMMFev/6QnK09msi1LombBuhy\
    fnLesY44+xCQgNOgRCAoW+H4N/5Ar5/uq0wX1HzXyIzqXNQFTeB36BLYxCG9qKmoxN16cZZZ787c8Bev0urNd/GMhk\
    JKXSsaVezvEj3EficSgBbg/94h5Uf1hXLnSjUeGhYFw4kHEo07fNS6UPg8C0dhzYrBz+eUIuegvP7sdVmDsLGWaZ5r\
    Z2SJ9VKp+4dk2HmRVxPiXh6wmnsHYyJA8gUxBghVEUPBtgZc+e6hlikGofcxbGHfurHLMZaOKe7K9UUnXoTE8CAwEA\
    AaNTMFEwHQYDVR0OBBYEFF7VSRo++VbTW73TlFWgwI2jUbQWMB8GA1UdIwQYMBaAFF7VSRo++VbTW73TlFWgwI2jUb\
    QWMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAKuGWPIBM9EBQwPTjw1nZtzz7+wkGV5KhJM3o9s5\
    nGEQY7e6iL7fCr4HfpqsYdJBREl+ldVWOdSKv5h6RAb8Gn5Vhil5f4DDFMgU/yEiPQMWh2K+bqJmy+LiNRO8C+hDGi\
    v9hpi6MljWNtJZSTQBOzZiIsRCsgfHhh5+3aGNhIe+EkIqEmm+uDci07wwb85PqCyGN0M7ubMVJ9OAPT2HjLFFJ9VN\
    fZMTNeqWnfPCifij19813OXHsYsPxY5C9YSEEq1XCSU8QZXFSkAriRmezz9AvpLeETC23ULEcBnZ+4ZFY8rgKlQzIV\
    S07gfykHWbQgxFAoL3XXFZ/48OUZiZVGY=";

const LEAF_2048: &str = "MIIBwjCBqwIBATANBgkqhkiG9w0BAQsFADAMMQowCAYDVQQDDAFSMCAXDTI2MTEyMjE5MDQzNVoYDzIxMjYxMDI5MT\
    kwNDM1WjAMMQowCAYDVQQDDAFMMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtiXyvRQ6mOVY7r6DtRrl+qVwKlOx\
    zGimVJ8lwoQ1jiUrRfKMwf6AzAtzSTF4xU9xCjD7wha0AMh3zirQSsvXrDANBgkqhkiG9w0BAQsFAAOCAQEAKcDXui\
    NbQjOVotoR4dZ+b5G3piLStdzy0fJGuFowHMruD5pmlIsjSf9xvGABOFljfn2TziS79bwpR7Ni5RG9U/nkxjr0A8Uj\
    LAAdao/lVggQ+FQgtIucUYxY8xu6nDphhUpSoDdUnQwEaKbuk6d04vY6QaZKejNTLW93MO/JxQmXz2dCGdYMevvHqL\
    J+Pdl3FBnU163AJIlrUqjnejJWGrW9Yf5/3DagKwIeHIQzWH+X8Ey/jQPof+uDQDGWU3th2Ycf4vAIU/379IwN5QBU\
    6SmkKeV+sMJjqyRuBSFVMww+Ydd5xv1HyK63GYG+xCogttQYDDmtVOTxadB4lGBY/Q==";
