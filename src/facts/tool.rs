//! Packages that are tools: they build, test or watch, and a server in production needs none of them.
//!
//! What each is for says its own documentation; seen on 2026-11-20.

/// What a tool is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It builds, checks or tests, and then its work is done.
    Build,
    /// It stands around a program while people develop it: watchers, compilers at start, process managers.
    Develop,
}

const BUILD: &[&str] = &[
    "typescript",
    "typedoc",
    "prettier",
    "husky",
    "lint-staged",
    "commitlint",
    "jest",
    "ts-jest",
    "babel-jest",
    "mocha",
    "chai",
    "sinon",
    "nyc",
    "c8",
    "supertest",
    "vitest",
    "cypress",
    "jasmine",
    "karma",
    "ava",
    "selenium-webdriver",
    "chromedriver",
    "webpack",
    "webpack-cli",
    "webpack-dev-server",
    "rollup",
    "vite",
    "parcel",
    "turbo",
    "nx",
    "lerna",
    "gulp",
    "grunt",
    "ts-loader",
    "babel-loader",
    "css-loader",
    "style-loader",
    "tsc-alias",
    "tsup",
    "npm-check-updates",
    "depcheck",
    "electron-builder",
    "storybook",
    "babel-cli",
    "babel-eslint",
    "tslint",
    "eslint",
    "standard",
    "xo",
    "copy-webpack-plugin",
    "html-webpack-plugin",
];

const BUILD_PREFIXES: &[&str] = &[
    "@types/",
    "eslint-",
    "@eslint/",
    "@typescript-eslint/",
    "@testing-library/",
    "@babel/preset-",
    "@babel/plugin-",
    "@storybook/",
    "@commitlint/",
    "@playwright/",
    "@vitest/",
    "@vitejs/",
    "@rollup/",
    "@jest/",
    "prettier-plugin-",
];

const BUILD_SCOPED: &[&str] = &[
    "@babel/cli",
    "@swc/cli",
    "@nestjs/cli",
    "@nestjs/schematics",
    "@nestjs/testing",
    "@angular/cli",
    "@faker-js/faker",
    "@bufbuild/buf",
    "@bufbuild/protoc-gen-es",
];

const DEVELOP: &[&str] = &[
    "nodemon",
    "ts-node",
    "ts-node-dev",
    "tsx",
    "node-dev",
    "supervisor",
    "pm2",
    "forever",
    "react-scripts",
    "@babel/node",
    "@vue/cli-service",
    "babel-node",
];

/// What the package is for, when it is a tool.
pub fn purpose_of(package: &str) -> Option<Purpose> {
    if DEVELOP.contains(&package) {
        return Some(Purpose::Develop);
    }
    let builds = BUILD.contains(&package)
        || BUILD_SCOPED.contains(&package)
        || BUILD_PREFIXES.iter().any(|prefix| package.starts_with(prefix));
    builds.then_some(Purpose::Build)
}

/// Build tools that a server may well import to offer what they do: a playground, a server-side renderer.
const LIBRARIES_TOO: &[&str] = &[
    "typescript",
    "prettier",
    "eslint",
    "webpack",
    "webpack-dev-server",
    "rollup",
    "vite",
    "parcel",
    "chai",
    "sinon",
    "supertest",
    "@faker-js/faker",
    "typedoc",
];

/// Whether a program may have a use for the tool at run time.
pub fn is_library_too(package: &str) -> bool {
    LIBRARIES_TOO.contains(&package) || package.starts_with("@babel/p")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_told_from_libraries() {
        for package in ["typescript", "@types/node", "eslint-plugin-import", "@testing-library/react"] {
            assert_eq!(purpose_of(package), Some(Purpose::Build), "{package}");
        }
        assert_eq!(purpose_of("nodemon"), Some(Purpose::Develop));
        for package in
            ["express", "@babel/runtime", "tslib", "@nestjs/core", "type-graphql", "prisma", "cross-env"]
        {
            assert_eq!(purpose_of(package), None, "{package}");
        }
    }
}
