//! RustCrypto and dalek: hashes, encrypts with authentication, signs and verifies.

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::ChaCha20Poly1305;
use ed25519_dalek::{Signer, SigningKey, Verifier};
use real::mix_bytes;
use sha2::{Digest, Sha256, Sha512};

fn main() {
    real::run(150, |rounds| {
        let mut data = real::text(400_000, 1).into_bytes();
        let mut sum = 0;
        for round in 0..rounds {
            let seed: [u8; 32] = Sha256::digest(&data).into();
            let cipher = ChaCha20Poly1305::new(&seed.into());
            let nonce = [round as u8; 12];
            let sealed = cipher.encrypt(&nonce.into(), data.as_slice()).unwrap();
            let opened = cipher.decrypt(&nonce.into(), sealed.as_slice()).unwrap();
            assert!(opened == data);
            let key = SigningKey::from_bytes(&seed);
            for i in 0..20u8 {
                let message = Sha512::digest([&seed[..], &[i]].concat());
                let signature = key.sign(&message);
                key.verifying_key().verify(&message, &signature).unwrap();
                sum = mix_bytes(sum, &signature.to_bytes());
            }
            data[..seed.len()].copy_from_slice(&sealed[..seed.len()]);
        }
        sum
    });
}
